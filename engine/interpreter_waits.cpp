// Runs that come to a wait, and what local time is for a contact.
#include "engine/interpreter.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t shown_bytes_max = 64;

// A day, or the day of an instant in the zone.
std::optional<local_date> date_of(const json::value& value,
                                  const local_zone& zone) {
  if (!value.is_string())
    return std::nullopt;
  const std::string_view text = value.get_string();
  if (const auto day = parse_date(text))
    return day;
  const auto at = parse_iso8601(text);
  if (!at)
    return std::nullopt;
  const local_date day{std::chrono::floor<std::chrono::days>(zone.local(*at))};
  return day.year() <= std::chrono::year{2099} ? std::optional{day}
                                               : std::nullopt;
}

} // namespace

std::optional<interpreter::edge>
interpreter::enter_wait(std::uint32_t number, const sequence_node& node,
                        const wait_node& wait, const std::string& why) {
  if (wait.until)
    return enter_until(number, node, wait, why);
  const auto& span = wait.span ? wait.span : wait.timeout;
  const auto due = span ? std::optional{out_.stamp.at + *span} : std::nullopt;
  const auto clauses = static_cast<std::uint32_t>(wait.clauses.size());
  std::vector<std::uint32_t> counts(clauses);
  const auto next = satisfied_by_past(number, wait, counts);
  if (wanted_)
    return std::nullopt;
  if (next) {
    rest(number, node, why, std::nullopt, clauses);
    return next;
  }
  rest(number, node, why, due, clauses);
  for (std::uint32_t i = 0; i < clauses; ++i)
    for (std::uint32_t n = 0; n < counts[i]; ++n)
      record(run_counted{number, i});
  return std::nullopt;
}

std::optional<interpreter::edge>
interpreter::enter_until(std::uint32_t number, const sequence_node& node,
                         const wait_node& wait, const std::string& why) {
  const auto due = due_of(number, *wait.until);
  if (due && *due > out_.stamp.at) {
    rest(number, node, why, due, 0);
    return std::nullopt;
  }
  rest(number, node, why, std::nullopt, 0);
  if (due)
    return edge{wait.then, "past"};
  end(number, run_status::failed, "date_invalid");
  return std::nullopt;
}

// @returns when the wait ends, or nothing when the rule computes no date
std::optional<timestamp> interpreter::due_of(std::uint32_t number,
                                             const until_rule& until) {
  const auto current = *state_.find_run(number);
  const auto zone = zone_of(until.zone, current.sequence, number);
  auto when = until.when;
  if (until.date) {
    scope_.set_run(&current);
    const auto value = until.date->evaluate(scope_);
    scope_.set_run(nullptr);
    when.date = date_of(value, zone);
    if (!when.date) {
      note(rule::calendar, false, current.sequence, number, "no_date");
      return std::nullopt;
    }
  }
  const auto at = next_instant(when, zone, out_.stamp.at);
  note(rule::calendar, true, current.sequence, number,
       zone.name() + " " + to_iso8601(at));
  return at;
}

// Of a contact without a zone that is known it is the workspace's.
local_zone interpreter::zone_of(const std::optional<local_zone>& wanted,
                                sequence_id sequence, std::uint32_t number) {
  if (wanted)
    return *wanted;
  const auto* held = state_.attributes->if_contains("timezone");
  const auto name = held != nullptr && held->is_string()
                      ? std::string_view{held->get_string()}
                      : std::string_view{};
  if (const auto found = name.empty() ? std::nullopt : local_zone::find(name))
    return *found;
  const auto& fallback = with_.zone();
  note(rule::time_zone, false, sequence, number,
       held == nullptr ? "absent: " + fallback.name()
                       : "unknown: " + fallback.name() + " for "
                           + std::string{name.substr(0, shown_bytes_max)});
  return fallback;
}

} // namespace troupe::engine
