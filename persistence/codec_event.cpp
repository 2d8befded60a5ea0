#include "persistence/codec_event.hpp"

#include "persistence/codec_values.hpp"

#include <bit>

namespace troupe::persistence {

using namespace engine;

namespace {

bool is_within(const text_range& part, const std::string& body) {
  return std::uint64_t{part.offset} + part.length <= body.size();
}

} // namespace

bool has_details_of(const event_record& event) {
  return event.value.has_value() || !event.message_id.empty();
}

bool has_door_details_of(const event_record& event) {
  return event.kind != event_kind::track || event.context.length != 0
         || !event.anonymous_id.empty() || !event.normalised.empty();
}

void put(byte_writer& out, const event_record& event) {
  out.text(event.type);
  out.byte(static_cast<std::uint8_t>(event.from));
  put_time(out, event.occurred_at);
  out.number(event.properties.offset);
  out.number(event.properties.length);
  out.text(event.body);
}

event_record get_event(byte_reader& in) {
  event_record event;
  event.type = in.text();
  event.from = static_cast<door>(in.byte());
  event.occurred_at = get_optional_time(in);
  event.properties.offset = static_cast<std::uint32_t>(in.number());
  event.properties.length = static_cast<std::uint32_t>(in.number());
  event.body = in.text();
  if (!is_within(event.properties, event.body))
    in.fail();
  return event;
}

void put_door_details(byte_writer& out, const event_record& event) {
  out.byte(static_cast<std::uint8_t>(event.kind));
  out.number(event.context.offset);
  out.number(event.context.length);
  out.text(event.anonymous_id);
  out.number(event.normalised.size());
  for (const auto& name : event.normalised)
    out.text(name);
}

void get_door_details(byte_reader& in, event_record& event) {
  event.kind = static_cast<event_kind>(in.byte());
  event.context.offset = static_cast<std::uint32_t>(in.number());
  event.context.length = static_cast<std::uint32_t>(in.number());
  event.anonymous_id = in.text();
  const auto count = in.count();
  for (std::size_t i = 0; i < count && in.ok(); ++i)
    event.normalised.emplace_back(in.text());
  if (!is_within(event.context, event.body))
    in.fail();
}

void put_details(byte_writer& out, const event_record& event) {
  out.byte(event.value ? 1 : 0);
  if (event.value) {
    out.fixed(std::bit_cast<std::uint64_t>(event.value->amount));
    out.text(event.value->currency);
  }
  out.text(event.message_id);
}

void get_details(byte_reader& in, event_record& event) {
  if (in.byte() != 0) {
    auto& value = event.value.emplace();
    value.amount = std::bit_cast<double>(in.fixed());
    value.currency = in.text();
  }
  event.message_id = in.text();
}

} // namespace troupe::persistence
