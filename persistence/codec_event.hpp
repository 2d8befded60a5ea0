// The event of a turn as bytes.
#pragma once

#include "engine/event.hpp"
#include "persistence/bytes.hpp"

namespace troupe::persistence {

void put(byte_writer& out, const engine::event_record& event);
engine::event_record get_event(byte_reader& in);

/// What doors know beside the event; stored behind it.
bool has_door_details_of(const engine::event_record& event);
void put_door_details(byte_writer& out, const engine::event_record& event);
void get_door_details(byte_reader& in, engine::event_record& event);

/// What few events have; stored last.
bool has_details_of(const engine::event_record& event);
void put_details(byte_writer& out, const engine::event_record& event);
void get_details(byte_reader& in, engine::event_record& event);

} // namespace troupe::persistence
