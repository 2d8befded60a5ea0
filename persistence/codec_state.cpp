#include "persistence/codec.hpp"
#include "persistence/codec_values.hpp"

#include <xxhash.h>

#include <algorithm>

namespace troupe::persistence {

namespace {

using namespace engine;

constexpr std::uint8_t layout_version = 1;
// Has the absorbed contacts and the paused runs at its end.
constexpr std::uint8_t layout_with_lists = 2;
// Then the overdue runs and the sends that caps count.
constexpr std::uint8_t layout_with_sends = 3;
// Then what it keeps for segments.
constexpr std::uint8_t layout_with_segments = 4;
// Then what the contact wants to be sent.
constexpr std::uint8_t layout_with_preferences = 5;
// Then the session and the checklists.
constexpr std::uint8_t layout_with_engagement = 6;
// Then the nudges.
constexpr std::uint8_t layout_with_nudges = 7;
constexpr std::uint8_t not_sealed = 0;

// Members in order of name: two states that hold the same encode the same.
boost::json::object sorted(const boost::json::object& members) {
  std::vector<const boost::json::key_value_pair*> order;
  order.reserve(members.size());
  for (const auto& member : members)
    order.push_back(&member);
  std::sort(order.begin(), order.end(), [](auto* a, auto* b) {
    return a->key() < b->key();
  });
  boost::json::object out;
  for (const auto* member : order)
    out.emplace(member->key(), member->value());
  return out;
}

std::uint32_t small(byte_reader& in) {
  return static_cast<std::uint32_t>(in.number());
}

} // namespace

void put_run(byte_writer& out, const run& r) {
  out.number(r.number);
  out.number(number(r.sequence));
  out.number(r.version);
  out.text(r.node);
  out.number(r.visit);
  out.number(r.ordinal);
  out.number(number(r.started_turn));
  put_time(out, r.started_at);
  put_time(out, r.entered_at);
  put_time(out, r.wake_at);
  out.number(r.counts.size());
  for (const auto count : r.counts)
    out.number(count);
  out.text(r.re_entry_key);
  put_json(out, sorted(r.vars));
}

run get_run(byte_reader& in) {
  run r;
  r.number = small(in);
  r.sequence = sequence_id{small(in)};
  r.version = small(in);
  r.node = in.text();
  r.visit = small(in);
  r.ordinal = small(in);
  r.started_turn = position{in.number()};
  r.started_at = get_time(in);
  r.entered_at = get_time(in);
  r.wake_at = get_optional_time(in);
  r.counts.resize(in.count());
  for (auto& count : r.counts)
    count = small(in);
  r.re_entry_key = in.text();
  r.vars = get_json_object(in);
  return r;
}

void put_entry(byte_writer& out, const entry_history& entry) {
  out.number(number(entry.sequence));
  out.text(entry.re_entry_key);
  put_time(out, entry.last_started);
  put_time(out, entry.last_ended);
}

entry_history get_entry(byte_reader& in) {
  entry_history entry;
  entry.sequence = sequence_id{small(in)};
  entry.re_entry_key = in.text();
  entry.last_started = get_time(in);
  entry.last_ended = get_time(in);
  return entry;
}

void put_counted(byte_writer& out, const counted_send& sent) {
  out.number(number(sent.sequence));
  out.number(number(sent.channel));
  put_time(out, sent.at);
}

counted_send get_counted(byte_reader& in) {
  counted_send sent;
  sent.sequence = sequence_id{small(in)};
  sent.channel = destination_id{small(in)};
  sent.at = get_time(in);
  return sent;
}

void put_preference(byte_writer& out, const preference& what) {
  out.text(what.channel);
  out.text(what.category);
  out.byte(what.subscribed ? 1 : 0);
  put_time(out, what.updated_at);
}

preference get_preference(byte_reader& in) {
  preference what;
  what.channel = in.text();
  what.category = in.text();
  what.subscribed = in.byte() != 0;
  what.updated_at = get_time(in);
  return what;
}

void put_session(byte_writer& out, const contact_session& what) {
  out.text(what.id);
  put_time(out, what.started_at);
  put_time(out, what.last_at);
  put_time(out, what.due);
  out.number(what.pages);
}

contact_session get_session(byte_reader& in) {
  contact_session what;
  what.id = in.text();
  what.started_at = get_time(in);
  what.last_at = get_time(in);
  what.due = get_time(in);
  what.pages = small(in);
  return what;
}

void put_nudge(byte_writer& out, const nudge& what) {
  out.text(what.id);
  out.number(number(what.turn));
  out.number(what.ordinal);
  out.number(number(what.run_turn));
  out.number(what.run_ordinal);
  put_time(out, what.run_started_at);
  put_time(out, what.at);
  put_time(out, what.expires_at);
  out.byte(static_cast<std::uint8_t>(what.status));
  put_time(out, what.moved_at);
}

nudge get_nudge(byte_reader& in) {
  nudge what;
  what.id = in.text();
  what.turn = position{in.number()};
  what.ordinal = small(in);
  what.run_turn = position{in.number()};
  what.run_ordinal = small(in);
  what.run_started_at = get_time(in);
  what.at = get_time(in);
  what.expires_at = get_time(in);
  what.status = static_cast<nudge_status>(in.byte());
  what.moved_at = get_time(in);
  return what;
}

namespace {

void put_progress(byte_writer& out, const checklist_progress& what) {
  out.text(what.checklist);
  out.number(what.steps.size());
  for (const auto& step : what.steps)
    out.text(step);
  out.byte(what.completed ? 1 : 0);
}

checklist_progress get_progress(byte_reader& in) {
  checklist_progress what;
  what.checklist = in.text();
  const auto count = in.count();
  for (std::size_t i = 0; i < count && in.ok(); ++i)
    what.steps.emplace_back(in.text());
  what.completed = in.byte() != 0;
  return what;
}

// The oldest layout that has room for all of it.
std::uint8_t layout_of(const contact_state& state) {
  if (!state.nudges->empty())
    return layout_with_nudges;
  if (!state.session->id.empty() || !state.checklists->empty())
    return layout_with_engagement;
  if (!state.preferences->empty())
    return layout_with_preferences;
  if (!state.segments->empty())
    return layout_with_segments;
  if (!state.overdue->empty() || !state.sends->empty())
    return layout_with_sends;
  return state.absorbed->empty() && state.paused->empty() ? layout_version
                                                          : layout_with_lists;
}

} // namespace

std::string encode_state(const contact_state& state) {
  std::string bytes;
  byte_writer out{bytes};
  const auto layout = layout_of(state);
  out.byte(layout);
  out.byte(not_sealed);
  out.number(number(state.workspace));
  out.fixed(number(state.id));
  out.number(state.seq);
  put_time(out, state.last_at);
  out.number(number(state.last_turn));
  out.number(number(state.skip_turn));
  out.number(state.runs_started);
  out.signed_number(state.score);
  out.number(state.identities->size());
  for (const auto& who : *state.identities)
    put_identity(out, who);
  put_json(out, sorted(*state.attributes));
  out.number(state.tags->size());
  for (const auto& tag : *state.tags)
    out.text(tag);
  out.number(state.runs->size());
  for (const auto& live : *state.runs)
    put_run(out, *live);
  out.number(state.entries->size());
  for (const auto& entry : *state.entries)
    put_entry(out, entry);
  const auto put_numbers = [&out](const std::vector<std::uint32_t>& numbers) {
    out.number(numbers.size());
    for (const auto number : numbers)
      out.number(number);
  };
  if (layout >= layout_with_lists) {
    put_contacts(out, *state.absorbed);
    put_numbers(*state.paused);
  }
  if (layout >= layout_with_sends) {
    put_numbers(*state.overdue);
    out.number(state.sends->size());
    for (const auto& sent : *state.sends)
      put_counted(out, sent);
  }
  if (layout >= layout_with_segments)
    put_segments(out, *state.segments);
  if (layout >= layout_with_preferences) {
    out.number(state.preferences->size());
    for (const auto& each : *state.preferences)
      put_preference(out, each);
  }
  if (layout >= layout_with_engagement) {
    put_session(out, *state.session);
    out.number(state.checklists->size());
    for (const auto& each : *state.checklists)
      put_progress(out, each);
  }
  if (layout >= layout_with_nudges) {
    out.number(state.nudges->size());
    for (const auto& each : *state.nudges)
      put_nudge(out, each);
  }
  return bytes;
}

result<contact_state> decode_state(std::string_view bytes) {
  byte_reader in{bytes};
  const auto layout = in.byte();
  if (layout < layout_version || layout > layout_with_nudges
      || in.byte() != not_sealed)
    in.fail();
  contact_state state;
  state.workspace = workspace_id{small(in)};
  state.id = contact_id{in.fixed()};
  state.seq = in.number();
  state.last_at = get_time(in);
  state.last_turn = position{in.number()};
  state.skip_turn = position{in.number()};
  state.runs_started = small(in);
  state.score = in.signed_number();
  const auto list = [&in](auto& target, auto get) {
    const auto count = in.count();
    for (std::size_t i = 0; i < count && in.ok(); ++i)
      target.edit().emplace_back(get(in));
  };
  list(state.identities, get_identity);
  if (auto attributes = get_json_object(in); !attributes.empty())
    state.attributes.edit() = std::move(attributes);
  list(state.tags, [](byte_reader& from) {
    return from.text();
  });
  list(state.runs, get_run);
  list(state.entries, get_entry);
  if (layout >= layout_with_lists) {
    if (auto absorbed = get_contacts(in); !absorbed.empty())
      state.absorbed.edit() = std::move(absorbed);
    list(state.paused, small);
  }
  if (layout >= layout_with_sends) {
    list(state.overdue, small);
    list(state.sends, get_counted);
  }
  if (layout >= layout_with_segments)
    if (auto segments = get_segments(in); !segments.empty())
      state.segments.edit() = std::move(segments);
  if (layout >= layout_with_preferences)
    list(state.preferences, get_preference);
  if (layout >= layout_with_engagement) {
    if (auto session = get_session(in); !session.id.empty())
      state.session.edit() = std::move(session);
    list(state.checklists, get_progress);
  }
  if (layout >= layout_with_nudges)
    list(state.nudges, get_nudge);
  if (!in.ok() || !in.at_end())
    return error{errc::internal,
                 "state_damaged",
                 "a stored contact could not be read",
                 {}};
  return state;
}

std::uint64_t state_hash(const contact_state& state) {
  const auto bytes = encode_state(state);
  return XXH3_64bits(bytes.data(), bytes.size());
}

} // namespace troupe::persistence
