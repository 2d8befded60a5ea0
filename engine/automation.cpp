#include "engine/automation.hpp"

#include "engine/json_pointer.hpp"
#include "engine/nearest.hpp"
#include "engine/time.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t key_bytes_max = 64;
constexpr std::size_t texts_max = 50;
constexpr std::size_t text_bytes_max = 256;

std::string_view text_of(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found == nullptr ? std::string_view{} : found->get_string();
}

bool is_true(const json::object& settings, std::string_view name) {
  return settings.at(name) == json::value(true);
}

bool is_text(const json::value& what, std::size_t most) {
  return what.is_string() && !what.get_string().empty()
         && what.get_string().size() <= most;
}

// What is wrong with the value, for a person; empty: nothing.
std::string fault_of(const json::object& setting, const json::value& value) {
  const auto type = text_of(setting, "type");
  if (type == "boolean")
    return value.is_bool() ? "" : "it is true or false";
  if (type == "integer") {
    const auto least = setting.at("minimum").as_int64();
    const auto most = setting.at("maximum").as_int64();
    return value.is_int64() && value.get_int64() >= least
               && value.get_int64() <= most
             ? ""
             : "it is a whole number from " + std::to_string(least) + " to "
                 + std::to_string(most);
  }
  if (type == "duration") {
    const std::string most{text_of(setting, "maximum")};
    const auto span
      = value.is_string() ? parse_duration(value.get_string()) : std::nullopt;
    return span && *span > duration{0} && *span <= *parse_duration(most)
             ? ""
             : "it is a duration such as \"2h\" or \"3d\", of at most " + most;
  }
  if (type == "choice") {
    const auto& choices = setting.at("choices").as_array();
    std::string known;
    for (const auto& each : choices)
      known += (known.empty() ? "\"" : ", \"") + std::string{each.as_string()}
               + "\"";
    return std::find(choices.begin(), choices.end(), value) != choices.end()
             ? ""
             : "it is one of " + known;
  }
  if (type == "texts") {
    const auto* all = value.if_array();
    return all != nullptr && all->size() <= texts_max
               && std::all_of(all->begin(), all->end(),
                              [](const json::value& each) {
                                return is_text(each, text_bytes_max);
                              })
             ? ""
             : "it is a list of at most 50 texts of 1 to 256 bytes";
  }
  return is_text(value, key_bytes_max) ? "" : "it is a key of 1 to 64 bytes";
}

std::optional<json::value> filled(const json::value& part,
                                  const json::object& settings);

json::object filled(const json::object& from, const json::object& settings) {
  json::object out;
  for (const auto& each : from)
    if (auto value = filled(each.value(), settings))
      out.emplace(each.key(), std::move(*value));
  return out;
}

// {"setting": name} is its value; {"if_setting": name, "then", "else"?} one of
// both, or nothing.
std::optional<json::value> filled(const json::value& part,
                                  const json::object& settings) {
  if (const auto* list = part.if_array()) {
    json::array out;
    for (const auto& each : *list)
      if (auto value = filled(each, settings))
        out.push_back(std::move(*value));
    return json::value(std::move(out));
  }
  const auto* from = part.if_object();
  if (from == nullptr)
    return part;
  if (const auto* name = from->if_contains("setting"))
    return settings.at(name->as_string());
  if (const auto* name = from->if_contains("if_setting")) {
    const auto* way = from->if_contains(
      is_true(settings, name->as_string()) ? "then" : "else");
    return way == nullptr ? std::nullopt : filled(*way, settings);
  }
  return json::value(filled(*from, settings));
}

} // namespace

const std::vector<automation>& automations() {
  static const auto all = [] {
    std::vector<automation> made;
    for (const auto text : automation_documents()) {
      auto document = json::parse(text).as_object();
      std::string key{text_of(document, "key")};
      made.push_back({std::move(key), std::move(document)});
    }
    std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) {
      return a.key < b.key;
    });
    return made;
  }();
  return all;
}

const automation* find_automation(std::string_view key) {
  const auto& all = automations();
  const auto found
    = std::find_if(all.begin(), all.end(), [key](const automation& each) {
        return each.key == key;
      });
  return found == all.end() ? nullptr : &*found;
}

result<json::object> settle(const automation& of, json::object held,
                            const json::object& given,
                            const std::string& pointer) {
  const auto& settings = of.document.at("settings").as_object();
  std::set<std::string> known;
  for (const auto& each : settings)
    known.emplace(each.key());
  for (const auto& each : given) {
    const std::string name{each.key()};
    if (!known.contains(name))
      return invalid("field_unknown",
                     "this automation has no such setting"
                       + hint_for(name, known),
                     pointer_to(pointer, name));
    held[name] = each.value();
  }
  json::object out;
  for (const auto& each : settings) {
    const auto& setting = each.value().as_object();
    const auto* value = held.if_contains(each.key());
    if (value == nullptr || value->is_null())
      value = &setting.at("default");
    if (const auto fault = fault_of(setting, *value); !fault.empty())
      return invalid("field_invalid", fault, pointer_to(pointer, each.key()));
    out[each.key()] = *value;
  }
  return out;
}

std::vector<named_thing> things_named(const automation& of,
                                      const json::object& settings,
                                      std::string_view type) {
  std::vector<named_thing> out;
  for (const auto& each : of.document.at("settings").as_object()) {
    const auto& setting = each.value().as_object();
    const auto used_when = text_of(setting, "used_when");
    if (text_of(setting, "type") != type
        || (!used_when.empty() && !is_true(settings, used_when)))
      continue;
    out.push_back({std::string{each.key()},
                   std::string{settings.at(each.key()).as_string()},
                   std::string{text_of(setting, "channel_type")}});
  }
  return out;
}

json::array parts_of(const automation& of, std::string_view name,
                     const json::object& settings) {
  const auto all = filled(of.document.at(name), settings);
  return all->as_array();
}

} // namespace troupe::engine
