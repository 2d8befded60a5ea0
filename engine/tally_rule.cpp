#include "engine/tally_rule.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <xxhash.h>

#include <array>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t event_bytes_max = 200;
constexpr std::array<std::string_view, 1> event_only{"event"};

using figure = tally_question::figure;

error wrong(std::string message, std::string pointer) {
  return invalid("condition_bad_operand", std::move(message),
                 std::move(pointer));
}

/// The operand stands alone or in a list, as JSONLogic has it.
const json::object* object_of(const json::value& written) {
  if (const auto* list = written.if_array(); list && list->size() == 1)
    return list->front().if_object();
  return written.if_object();
}

bool is_known(std::string_view member, figure wanted) {
  return member == "event" || member == "where"
         || (member == "within" && wanted != figure::last)
         || (member == "of" && wanted == figure::sum);
}

status check_members(const json::object& from, std::string_view name,
                     figure wanted, const std::string& pointer) {
  for (const auto& each : from)
    if (!is_known(each.key(), wanted))
      return wrong(
        "\"" + std::string{name} + "\" takes event"
          + (wanted == figure::sum ? ", of" : "")
          + (wanted == figure::last ? " and where." : ", within and where."),
        pointer_to(pointer, each.key()));
  return success();
}

result<event_pattern> read_event(const json::object& from,
                                 const std::string& pointer) {
  const auto* event = from.if_contains("event");
  const auto* name = event == nullptr ? nullptr : event->if_string();
  if (name == nullptr || name->size() > event_bytes_max
      || !event_pattern{std::string{*name}}.is_well_formed())
    return wrong("Give `event`: a name, \"prefix.*\" or \"*\".",
                 pointer + "/event");
  return event_pattern{std::string{*name}};
}

result<value_path> read_number(const json::object& from,
                               const std::string& pointer) {
  const auto* of = from.if_contains("of");
  const auto* text = of == nullptr ? nullptr : of->if_string();
  const auto path = text == nullptr ? value_path{}
                                    : value_path{"event." + std::string{*text}};
  if (text == nullptr || (*text != "value" && !text->starts_with("properties."))
      || path.has_segment("$extra"))
    return wrong("Give `of`: \"value\" or \"properties.…\".", pointer + "/of");
  return path;
}

// Members of the written form in one order, whatever theirs is.
tally_id id_of(const tally_rule& rule, const json::object& from) {
  json::array said{rule.event.text(), rule.of.text()};
  if (const auto* where = from.if_contains("where"))
    said.push_back(*where);
  const auto text = to_json(said);
  return tally_id{XXH3_64bits(text.data(), text.size())};
}

} // namespace

result<tally_question> parse_tally_question(std::string_view name,
                                            const json::value& written,
                                            const std::string& pointer) {
  const auto wanted = name == "event_sum"    ? figure::sum
                      : name == "event_last" ? figure::last
                                             : figure::count;
  const auto* from = object_of(written);
  if (from == nullptr)
    return wrong("\"" + std::string{name} + "\" takes {\"event\": name, …}.",
                 pointer);
  if (auto good = check_members(*from, name, wanted, pointer); !good)
    return good.failure();
  auto event = read_event(*from, pointer);
  if (!event)
    return event.failure();
  auto rule = std::make_shared<tally_rule>();
  rule->event = std::move(*event);
  if (wanted == figure::sum) {
    auto of = read_number(*from, pointer);
    if (!of)
      return of.failure();
    rule->of = std::move(*of);
  }
  if (const auto* where = from->if_contains("where")) {
    condition_options options;
    options.roots = event_only;
    options.history = false;
    options.computed_names = false;
    auto compiled = condition::compile(*where, options, pointer + "/where");
    if (!compiled)
      return compiled.failure();
    rule->where = std::move(*compiled);
  }
  tally_question out;
  out.wanted = wanted;
  if (const auto* within = from->if_contains("within")) {
    const auto* text = within->if_string();
    out.within = text == nullptr ? std::nullopt : parse_duration(*text);
    if (!out.within || *out.within <= duration{})
      return wrong("`within` is a duration, as \"30d\".", pointer + "/within");
  }
  rule->id = id_of(*rule, *from);
  out.rule = std::move(rule);
  return out;
}

} // namespace troupe::engine
