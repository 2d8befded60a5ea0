#include "persistence/codec.hpp"
#include "persistence/codec_event.hpp"
#include "persistence/codec_values.hpp"

namespace troupe::persistence {

namespace {

using namespace engine;

constexpr std::uint8_t layout_version = 1;
constexpr std::uint8_t not_sealed = 0;

// Which parts follow; most turns have few.
enum part : std::uint64_t {
  has_event = 1,
  has_key = 2,
  has_fired = 4,
  has_consumed = 8,
  has_changes = 16,
  has_trace = 32,
  has_warnings = 64,
  has_matched = 128,
  has_sends = 256,
  has_messages = 512,
  has_timers = 1024,
  has_failure = 2048,
  has_request = 4096,
  has_intervention = 8192,
  has_trace_context = 16384,
  has_details = 32768, // of the event
  has_door_details = 65536,
};

std::uint64_t parts_of(const turn& t) {
  const auto bit = [](bool there, part what) {
    return there ? static_cast<std::uint64_t>(what) : 0;
  };
  return bit(t.event.has_value(), has_event) | bit(t.key.has_value(), has_key)
         | bit(t.fired.has_value(), has_fired)
         | bit(t.consumed.has_value(), has_consumed)
         | bit(!t.changes.empty(), has_changes)
         | bit(!t.trace.empty(), has_trace)
         | bit(!t.warnings.empty(), has_warnings)
         | bit(!t.matched.empty(), has_matched)
         | bit(!t.sends.empty(), has_sends)
         | bit(!t.messages.empty(), has_messages)
         | bit(!t.timers_set.empty() || !t.timers_cleared.empty(), has_timers)
         | bit(!t.failure.empty(), has_failure)
         | bit(!t.request_id.empty(), has_request)
         | bit(t.intervened.has_value(), has_intervention)
         | bit(t.traced.has_value(), has_trace_context)
         | bit(t.event && has_details_of(*t.event), has_details)
         | bit(t.event && has_door_details_of(*t.event), has_door_details);
}

void put(byte_writer& out, const timer& what) {
  put_time(out, what.due);
  out.number(what.run);
  out.number(what.visit);
}

timer get_timer(byte_reader& in) {
  timer what;
  what.due = get_time(in);
  what.run = static_cast<std::uint32_t>(in.number());
  what.visit = static_cast<std::uint32_t>(in.number());
  return what;
}

std::uint32_t small(byte_reader& in) {
  return static_cast<std::uint32_t>(in.number());
}

void put(byte_writer& out, const check& what) {
  out.byte(static_cast<std::uint8_t>(what.asked));
  out.byte(what.passed ? 1 : 0);
  out.number(number(what.sequence));
  out.number(what.run);
  out.text(what.inputs);
}

check get_check(byte_reader& in) {
  check what;
  what.asked = static_cast<rule>(in.byte());
  what.passed = in.byte() != 0;
  what.sequence = sequence_id{small(in)};
  what.run = small(in);
  what.inputs = in.text();
  return what;
}

void put(byte_writer& out, const warning& what) {
  out.text(what.code);
  out.byte(static_cast<std::uint8_t>(what.kind));
}

warning get_warning(byte_reader& in) {
  warning what;
  what.code = in.text();
  what.kind = static_cast<identity_kind>(in.byte());
  return what;
}

void put(byte_writer& out, destination_id what) {
  out.number(number(what));
}

destination_id get_destination(byte_reader& in) {
  return destination_id{small(in)};
}

void put(byte_writer& out, const outgoing_send& what) {
  put(out, what.destination);
  out.number(what.run);
  out.number(what.visit);
  out.text(what.node);
  put_json(out, what.request);
}

outgoing_send get_send(byte_reader& in) {
  outgoing_send what;
  what.destination = get_destination(in);
  what.run = small(in);
  what.visit = small(in);
  what.node = in.text();
  what.request = get_json_object(in);
  return what;
}

void put(byte_writer& out, const outgoing_message& what) {
  out.byte(what.target ? 1 : 0);
  if (what.target)
    put_identity(out, *what.target);
  out.text(what.type);
  out.text(what.properties);
  out.number(what.hops);
}

outgoing_message get_message(byte_reader& in) {
  outgoing_message what;
  if (in.byte() != 0)
    what.target = get_identity(in);
  what.type = in.text();
  what.properties = in.text();
  what.hops = small(in);
  return what;
}

void put(byte_writer& out, const intervention& what) {
  out.byte(static_cast<std::uint8_t>(what.what));
  out.number(number(what.sequence));
  put_json(out, what.vars);
  out.number(number(what.started));
  out.number(what.ordinal);
  out.text(what.node);
  out.text(what.reason);
  out.text(what.by);
}

intervention get_intervention(byte_reader& in) {
  intervention what;
  what.what = static_cast<intervention_kind>(in.byte());
  what.sequence = sequence_id{small(in)};
  what.vars = get_json_object(in);
  what.started = position{in.number()};
  what.ordinal = small(in);
  what.node = in.text();
  what.reason = in.text();
  what.by = in.text();
  return what;
}

void put(byte_writer& out, const trace_context& what) {
  out.fixed(what.high);
  out.fixed(what.low);
  out.byte(what.flags);
  out.text(what.state);
}

trace_context get_trace_context(byte_reader& in) {
  trace_context what;
  what.high = in.fixed();
  what.low = in.fixed();
  what.flags = in.byte();
  what.state = in.text();
  return what;
}

template <class T>
void put_list(byte_writer& out, const std::vector<T>& items) {
  if (items.empty())
    return; // its part bit is off
  out.number(items.size());
  for (const auto& item : items)
    put(out, item);
}

template <class T, class Get>
void get_list(byte_reader& in, std::uint64_t parts, part what,
              std::vector<T>& items, Get get) {
  if ((parts & what) == 0)
    return;
  const auto count = in.count();
  items.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i)
    items.push_back(get(in));
}

error unknown_layout() {
  return {
    errc::internal, "turn_damaged", "a stored turn has an unknown layout", {}};
}

// As far as the event, which is first.
// @returns which parts the payload has; nothing when it is none of ours
std::optional<std::uint64_t> get_front(byte_reader& in, turn& t) {
  if (in.byte() != layout_version || in.byte() != not_sealed)
    return std::nullopt;
  const auto parts = in.number();
  t.definitions_version = in.number();
  t.hops = small(in);
  t.nodes_entered = small(in);
  t.external_id = in.text();
  t.email = in.text();
  if (parts & has_event)
    t.event = get_event(in);
  if ((parts & has_door_details) && t.event)
    get_door_details(in, *t.event);
  return parts;
}

} // namespace

std::string encode_turn(const turn& t) {
  std::string bytes;
  bytes.reserve(128 + (t.event ? t.event->body.size() : 0));
  byte_writer out{bytes};
  out.byte(layout_version);
  out.byte(not_sealed);
  out.number(parts_of(t));
  out.number(t.definitions_version);
  out.number(t.hops);
  out.number(t.nodes_entered);
  out.text(t.external_id);
  out.text(t.email);
  if (t.event)
    put(out, *t.event);
  if (t.event && has_door_details_of(*t.event))
    put_door_details(out, *t.event);
  if (t.key) {
    out.fixed(t.key->key_high);
    out.fixed(t.key->key_low);
    out.fixed(t.key->fingerprint);
  }
  if (t.fired)
    put(out, *t.fired);
  if (t.consumed) {
    out.fixed(t.consumed->high);
    out.fixed(t.consumed->low);
  }
  put_list(out, t.changes);
  put_list(out, t.trace);
  put_list(out, t.warnings);
  put_list(out, t.matched);
  put_list(out, t.sends);
  put_list(out, t.messages);
  if (!t.timers_set.empty() || !t.timers_cleared.empty()) {
    for (const auto* list : {&t.timers_set, &t.timers_cleared}) {
      out.number(list->size());
      for (const auto& item : *list)
        put(out, item);
    }
  }
  if (!t.failure.empty())
    out.text(t.failure);
  if (!t.request_id.empty())
    out.text(t.request_id);
  if (t.intervened)
    put(out, *t.intervened);
  if (t.traced)
    put(out, *t.traced);
  if (t.event && has_details_of(*t.event))
    put_details(out, *t.event);
  return bytes;
}

result<turn> decode_turn(turn t, std::string_view payload) {
  byte_reader in{payload};
  const auto known = get_front(in, t);
  if (!known)
    return unknown_layout();
  const auto parts = *known;
  if (parts & has_key) {
    const auto high = in.fixed();
    const auto low = in.fixed();
    t.key = idempotency{high, low, in.fixed()};
  }
  if (parts & has_fired)
    t.fired = get_timer(in);
  if (parts & has_consumed) {
    const auto high = in.fixed();
    t.consumed = inbox_id{high, in.fixed()};
  }
  get_list(in, parts, has_changes, t.changes, get_change);
  get_list(in, parts, has_trace, t.trace, get_check);
  get_list(in, parts, has_warnings, t.warnings, get_warning);
  get_list(in, parts, has_matched, t.matched, get_destination);
  get_list(in, parts, has_sends, t.sends, get_send);
  get_list(in, parts, has_messages, t.messages, get_message);
  get_list(in, parts, has_timers, t.timers_set, get_timer);
  get_list(in, parts, has_timers, t.timers_cleared, get_timer);
  if (parts & has_failure)
    t.failure = in.text();
  if (parts & has_request)
    t.request_id = in.text();
  if (parts & has_intervention)
    t.intervened = get_intervention(in);
  if (parts & has_trace_context)
    t.traced = get_trace_context(in);
  if ((parts & has_details) && t.event)
    get_details(in, *t.event);
  if (!in.ok() || !in.at_end())
    return error{
      errc::internal, "turn_damaged", "a stored turn could not be read", {}};
  return t;
}

result<turn> decode_event(turn row, std::string_view payload) {
  byte_reader in{payload};
  const auto parts = get_front(in, row);
  // The details are last.
  if (!parts || (*parts & has_details) || !in.ok())
    return decode_turn(std::move(row), payload);
  return row;
}

} // namespace troupe::persistence
