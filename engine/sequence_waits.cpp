// The JSON form of waits.
#include "engine/calendar.hpp"
#include "engine/definition_reader.hpp"

#include <algorithm>
#include <array>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 7> weekdays{"sun", "mon", "tue", "wed",
                                                   "thu", "fri", "sat"};

look_back read_look_back(definition_reader& reader, const json::object& from,
                         const std::string& pointer) {
  const auto* written = member(from, "look_back");
  if (written == nullptr)
    return {};
  const auto word = reader.text(from, "look_back", pointer, true);
  if (word == "none")
    return {};
  if (word == "entry")
    return {look_back::reach::entry, {}};
  if (const auto span = parse_duration(word); span && *span > duration::zero())
    return {look_back::reach::span, *span};
  reader.fail("field_type_mismatch",
              "`look_back` is \"none\", \"entry\" or a duration",
              pointer + "/look_back");
  return {};
}

std::uint8_t read_weekdays(definition_reader& reader, const json::object& from,
                           const std::string& pointer) {
  unsigned out = 0;
  std::size_t index = 0;
  for (const auto& word : reader.texts(from, "weekdays", pointer)) {
    const auto place = pointer + "/weekdays/" + std::to_string(index++);
    const auto found = std::find(weekdays.begin(), weekdays.end(), word);
    if (found == weekdays.end()) {
      reader.fail("field_type_mismatch",
                  "weekdays are mon, tue, wed, thu, fri, sat and sun", place);
      return 0;
    }
    out |= 1U << (found - weekdays.begin());
  }
  if (index == 0 && member(from, "weekdays") != nullptr)
    reader.fail("field_required", "`weekdays` names at least one",
                pointer + "/weekdays");
  return static_cast<std::uint8_t>(out);
}

until_rule read_until(definition_reader& reader, const json::object& node,
                      const std::string& pointer) {
  until_rule until;
  const auto* written = member(node, "until");
  if (!written->is_object()) {
    reader.fail("field_type_mismatch",
                "`until` is an object: {time?, weekdays?, date?, timezone?}",
                pointer);
    return until;
  }
  const auto& from = written->get_object();
  reader.expect_members(from, {"time", "weekdays", "date", "timezone"},
                        pointer);
  if (member(from, "time") != nullptr)
    until.when.time = reader.time_of_day(from, "time", pointer);
  until.when.weekdays = read_weekdays(reader, from, pointer);
  if (const auto* date = member(from, "date");
      date != nullptr && date->is_object()) {
    until.date = reader.rule(from, "date", pointer);
  } else if (date != nullptr) {
    until.when.date = date->is_string()
                        ? parse_date(std::string_view{date->get_string()})
                        : std::nullopt;
    if (!until.when.date)
      reader.fail("field_type_mismatch",
                  "`date` is a day such as \"2026-12-24\", 1970 to 2099, or a "
                  "rule such as {\"var\": …}",
                  pointer + "/date");
  } else if (member(from, "time") == nullptr && until.when.weekdays == 0) {
    reader.fail("wait_form", "give `time`, `weekdays` or `date`", pointer);
  }
  until.zone = reader.zone(from, pointer);
  return until;
}

} // namespace

wait_node read_wait(definition_reader& reader, const json::object& from,
                    const std::string& pointer) {
  reader.expect_members(from,
                        {"type", "for", "until", "any", "all", "then",
                         "timeout", "on_timeout", "look_back"},
                        pointer);
  wait_node wait;
  const auto* any = member(from, "any");
  const auto* all = member(from, "all");
  const auto by_calendar = member(from, "until") != nullptr;
  const auto forms = (member(from, "for") != nullptr ? 1 : 0)
                     + (by_calendar ? 1 : 0) + (any != nullptr ? 1 : 0)
                     + (all != nullptr ? 1 : 0);
  if (forms != 1) {
    reader.fail("wait_form",
                "a wait has exactly one of `for`, `until`, `any`, `all`",
                pointer);
    return wait;
  }
  wait.span = reader.span(from, "for", pointer, false);
  if (member(from, "for") != nullptr)
    reader.expect_members(from, {"type", "for", "then"}, pointer);
  if (by_calendar) {
    reader.expect_members(from, {"type", "until", "then"}, pointer);
    wait.until = read_until(reader, from, pointer + "/until");
  }
  wait.all = all != nullptr;
  if (const auto* events = all != nullptr ? all : any; events != nullptr)
    wait.clauses
      = reader.clauses(*events, pointer + (wait.all ? "/all" : "/any"), true);
  wait.timeout = reader.span(from, "timeout", pointer, false);
  wait.on_timeout
    = reader.target(from, "on_timeout", pointer, wait.timeout.has_value());
  auto each_has_then = !wait.clauses.empty() && !wait.all;
  for (const auto& clause : wait.clauses)
    each_has_then = each_has_then && clause.then != no_node;
  wait.then = reader.target(from, "then", pointer, !each_has_then);
  wait.back = read_look_back(reader, from, pointer);
  if (wait.on_timeout != no_node && !wait.timeout)
    reader.fail("wait_form", "`on_timeout` needs a `timeout`",
                pointer + "/on_timeout");
  return wait;
}

} // namespace troupe::engine
