#include "engine/definition_reader.hpp"

#include "engine/nearest.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

// As people write it: "1,000,000".
std::string grouped(std::uint32_t number) {
  auto text = std::to_string(number);
  for (auto at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, ",");
  return text;
}

} // namespace

const json::value* member(const json::object& from, std::string_view name) {
  return from.if_contains(name);
}

void definition_reader::fail(std::string name, std::string message,
                             std::string pointer) {
  if (!fault_)
    fault_ = invalid(std::move(name), std::move(message), std::move(pointer));
}

void definition_reader::expect_members(
  const json::object& from, std::initializer_list<std::string_view> known,
  const std::string& pointer) {
  for (const auto& item : from) {
    const std::string_view name = item.key();
    if (std::find(known.begin(), known.end(), name) != known.end())
      continue;
    auto message = "there is no member `" + std::string{name} + "` here";
    const auto near = nearest(name, {known.begin(), known.end()});
    if (!near.empty())
      message += "; did you mean `" + std::string{near} + "`?";
    fail("unknown_member", std::move(message), pointer_to(pointer, name));
  }
}

std::string definition_reader::text(const json::object& from,
                                    std::string_view name,
                                    const std::string& pointer, bool required) {
  const auto* found = member(from, name);
  if (found == nullptr) {
    if (required)
      fail("field_required", "give `" + std::string{name} + "`",
           pointer + "/" + std::string{name});
    return {};
  }
  if (!found->is_string() || found->get_string().empty()
      || found->get_string().size() > 1024) {
    fail("field_type_mismatch",
         "`" + std::string{name} + "` is a text of 1 to 1,024 bytes",
         pointer + "/" + std::string{name});
    return {};
  }
  return std::string{found->get_string()};
}

void definition_reader::expect_channel(const std::string& key,
                                       const std::string& pointer) {
  if (has_channel(key))
    return;
  auto message
    = "there is no channel `" + key + "`; create it, or use `capture`";
  const std::vector<std::string_view> known{channels_.begin(), channels_.end()};
  const auto near = nearest(key, known);
  if (!near.empty())
    message += "; did you mean `" + std::string{near} + "`?";
  fail("unknown_channel", std::move(message), pointer);
}

std::optional<duration> definition_reader::span(const json::object& from,
                                                std::string_view name,
                                                const std::string& pointer,
                                                bool required) {
  const auto* found = member(from, name);
  if (found == nullptr && !required)
    return std::nullopt;
  const auto parsed = found != nullptr && found->is_string()
                        ? parse_duration(std::string_view{found->get_string()})
                        : std::nullopt;
  if (!parsed || *parsed <= duration::zero()) {
    fail("duration_invalid",
         "`" + std::string{name}
           + "` is a duration above zero such as \"90s\", \"2h\", \"3d\" or "
             "\"P3D\"",
         pointer + "/" + std::string{name});
    return std::nullopt;
  }
  return parsed;
}

std::optional<std::uint32_t>
definition_reader::whole(const json::object& from, std::string_view name,
                         const std::string& pointer, std::uint32_t least,
                         std::uint32_t most) {
  const auto* found = member(from, name);
  if (found != nullptr && found->is_int64() && found->get_int64() >= least
      && found->get_int64() <= most)
    return static_cast<std::uint32_t>(found->get_int64());
  fail(found == nullptr ? "field_required" : "field_type_mismatch",
       "`" + std::string{name} + "` is a whole number, " + std::to_string(least)
         + " to " + grouped(most),
       pointer + "/" + std::string{name});
  return std::nullopt;
}

std::chrono::seconds
definition_reader::time_of_day(const json::object& from, std::string_view name,
                               const std::string& pointer) {
  const auto* found = member(from, name);
  const auto parsed
    = found != nullptr && found->is_string()
        ? parse_time_of_day(std::string_view{found->get_string()})
        : std::nullopt;
  if (!parsed)
    fail(found == nullptr ? "field_required" : "field_type_mismatch",
         "`" + std::string{name} + "` is a time of day such as \"09:00\"",
         pointer + "/" + std::string{name});
  return parsed.value_or(std::chrono::seconds{});
}

std::optional<local_zone> definition_reader::zone(const json::object& from,
                                                  const std::string& pointer) {
  const auto name = text(from, "timezone", pointer, false);
  if (name.empty() || name == "contact")
    return std::nullopt;
  const auto found = local_zone::find(name);
  if (found)
    return found;
  auto message = "there is no time zone `" + name
                 + "`; use \"contact\" or a name such as \"Europe/London\"";
  const auto near = nearest_zone(name);
  if (!near.empty())
    message += "; did you mean `" + near + "`?";
  fail("unknown_timezone", std::move(message), pointer + "/timezone");
  return std::nullopt;
}

std::vector<std::string> definition_reader::texts(const json::object& from,
                                                  std::string_view name,
                                                  const std::string& pointer) {
  std::vector<std::string> out;
  const auto* found = member(from, name);
  if (found == nullptr)
    return out;
  const auto place = pointer + "/" + std::string{name};
  if (!found->is_array() || found->get_array().size() > 100) {
    fail("field_type_mismatch", "this is a list of at most 100 texts", place);
    return out;
  }
  for (const auto& item : found->get_array()) {
    if (!item.is_string() || item.get_string().empty()
        || item.get_string().size() > 256) {
      fail("field_type_mismatch", "each is a text of 1 to 256 bytes", place);
      return out;
    }
    out.emplace_back(item.get_string());
  }
  return out;
}

std::optional<condition> definition_reader::rule(const json::object& from,
                                                 std::string_view name,
                                                 const std::string& pointer) {
  const auto* found = member(from, name);
  if (found == nullptr)
    return std::nullopt;
  condition_options options;
  options.roots = condition_roots;
  const auto place = pointer_to(pointer, name);
  auto compiled = condition::compile(*found, options, place);
  if (compiled) {
    note(*compiled, place);
    return std::move(*compiled);
  }
  const auto& why = compiled.failure();
  fail(why.name, why.message, why.pointer);
  return std::nullopt;
}

void definition_reader::note(const condition& rule,
                             const std::string& pointer) {
  const auto& asked = rule.questions();
  questions_.insert(questions_.end(), asked.begin(), asked.end());
  for (const auto& key : rule.segments())
    segments_.emplace(key, pointer);
}

expression definition_reader::value(const json::value& written,
                                    const std::string& pointer,
                                    bool escape_html) {
  auto compiled = expression::compile(written, pointer, escape_html);
  if (compiled) {
    if (const auto* rule = compiled->rule())
      note(*rule, pointer);
    return std::move(*compiled);
  }
  const auto& why = compiled.failure();
  fail(why.name, why.message, why.pointer);
  return {};
}

void definition_reader::expect_template(const std::string& key,
                                        const std::string& pointer) {
  if (templates_ == nullptr || templates_->contains(key))
    return;
  fail("unknown_template",
       "there is no template `" + key + "`" + hint_for(key, *templates_),
       pointer);
}

std::vector<std::pair<std::string, expression>>
definition_reader::values(const json::object& from, std::string_view name,
                          const std::string& pointer) {
  std::vector<std::pair<std::string, expression>> out;
  const auto* found = member(from, name);
  if (found == nullptr)
    return out;
  const auto place = pointer + "/" + std::string{name};
  if (!found->is_object() || found->get_object().size() > 100) {
    fail("field_type_mismatch", "this is an object of at most 100 members",
         place);
    return out;
  }
  for (const auto& item : found->get_object())
    out.emplace_back(std::string{item.key()},
                     value(item.value(), pointer_to(place, item.key())));
  return out;
}

node_index definition_reader::target(const json::object& from,
                                     std::string_view name,
                                     const std::string& pointer,
                                     bool required) {
  const auto wanted = text(from, name, pointer, required);
  if (wanted.empty())
    return no_node;
  if (const auto found = nodes_.find(wanted); found != nodes_.end())
    return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, index] : nodes_)
    names.push_back(known);
  auto message = "there is no node `" + wanted + "`";
  const auto near = nearest(wanted, names);
  if (!near.empty())
    message += "; did you mean `" + std::string{near} + "`?";
  fail("unknown_node", std::move(message), pointer + "/" + std::string{name});
  return no_node;
}

std::vector<event_clause> definition_reader::clauses(const json::value& written,
                                                     const std::string& pointer,
                                                     bool with_then) {
  std::vector<event_clause> out;
  if (!written.is_array() || written.get_array().empty()
      || written.get_array().size() > 50) {
    fail("field_type_mismatch", "this is a list of 1 to 50 events", pointer);
    return out;
  }
  std::size_t index = 0;
  for (const auto& item : written.get_array()) {
    const auto place = pointer + "/" + std::to_string(index++);
    if (!item.is_object()) {
      fail("field_type_mismatch", "each is an object with `event`", place);
      return out;
    }
    const auto& from = item.get_object();
    event_clause clause;
    clause.event = event_pattern{text(from, "event", place, true)};
    if (!clause.event.is_well_formed())
      fail("event_pattern", "`event` is a name, \"prefix.*\" or \"*\"",
           place + "/event");
    clause.where = rule(from, "where", place);
    if (with_then) {
      expect_members(from, {"event", "where", "count", "then"}, place);
      clause.then = target(from, "then", place, false);
      if (member(from, "count") != nullptr)
        clause.count = whole(from, "count", place, 1, 1000).value_or(1);
    } else {
      expect_members(from, {"event", "where"}, place);
    }
    out.push_back(std::move(clause));
  }
  return out;
}

} // namespace troupe::engine
