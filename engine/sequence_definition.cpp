#include "engine/sequence_definition.hpp"

#include "engine/definition_reader.hpp"

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

re_entry_rule read_re_entry(definition_reader& reader,
                            const json::object& from) {
  re_entry_rule rule;
  const auto* written = member(from, "reentry");
  if (written == nullptr)
    return rule;
  using kind = re_entry_rule::kind;
  if (written->is_string()) {
    const std::string_view word = written->get_string();
    if (word == "never")
      return {kind::never, {}, {}};
    if (word == "after_exit")
      return {kind::after_exit, {}, {}};
    if (word == "always")
      return {kind::always, {}, {}};
  } else if (written->is_object() && written->get_object().size() == 1) {
    const auto& object = written->get_object();
    if (object.contains("after")) {
      if (const auto span = reader.span(object, "after", "/reentry", true))
        return {kind::after, *span, {}};
      return rule;
    }
    if (object.contains("per_key"))
      return {kind::per_key, {}, reader.rule(object, "per_key", "/reentry")};
  }
  reader.fail("field_type_mismatch",
              "`reentry` is \"never\", \"after_exit\", \"always\", "
              "{\"after\": duration} or {\"per_key\": rule}",
              "/reentry");
  return rule;
}

std::vector<event_clause> read_triggers(definition_reader& reader,
                                        const json::object& from) {
  const auto* trigger = member(from, "trigger");
  if (trigger == nullptr)
    return {}; // contacts are enrolled only
  if (!trigger->is_object()) {
    reader.fail("field_type_mismatch",
                "`trigger` is {\"any\": [{\"event\": …}]}", "/trigger");
    return {};
  }
  reader.expect_members(trigger->get_object(), {"any"}, "/trigger");
  const auto* any = member(trigger->get_object(), "any");
  return reader.clauses(any == nullptr ? json::value{} : *any, "/trigger/any",
                        false);
}

void read_vars(definition_reader& reader, const json::object& from,
               sequence_definition& into) {
  const auto* vars = member(from, "vars");
  if (vars == nullptr)
    return;
  if (!vars->is_object() || vars->get_object().size() > 50) {
    reader.fail("field_type_mismatch",
                "`vars` is an object of at most 50 rules", "/vars");
    return;
  }
  for (const auto& item : vars->get_object())
    if (auto rule
        = reader.rule(vars->get_object(), std::string{item.key()}, "/vars"))
      into.vars.emplace_back(std::string{item.key()}, std::move(*rule));
}

void read_nodes(definition_reader& reader, const json::object& nodes,
                sequence_definition& into) {
  for (const auto& item : nodes) {
    const std::string name{item.key()};
    into.nodes.push_back(
      read_node(reader, name, item.value(), pointer_to("/nodes", name)));
  }
}

} // namespace

node_index sequence_definition::find(std::string_view node_name) const {
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].name == node_name)
      return static_cast<node_index>(i);
  return no_node;
}

result<std::shared_ptr<const sequence_definition>>
parse_sequence(const json::value& written,
               const std::set<std::string>& channels,
               const std::set<std::string>* templates) {
  if (!written.is_object())
    return invalid("field_type_mismatch", "a sequence is a JSON object", "");
  const auto& from = written.get_object();
  const auto* nodes = member(from, "nodes");
  if (nodes == nullptr || !nodes->is_object() || nodes->get_object().empty()
      || nodes->get_object().size() > sequence_nodes_max)
    return invalid("field_required", "give `nodes`: 1 to 500 nodes by name",
                   "/nodes");
  std::map<std::string, node_index, std::less<>> names;
  for (const auto& item : nodes->get_object()) {
    if (item.key().empty() || item.key().size() > 64)
      return invalid("node_name", "a node's name has 1 to 64 bytes", "/nodes");
    names.emplace(std::string{item.key()},
                  static_cast<node_index>(names.size()));
  }
  definition_reader reader{channels, templates, std::move(names)};
  reader.expect_members(from,
                        {"key", "name", "description", "trigger", "filter",
                         "reentry", "cooldown", "exit_when", "goals",
                         "frequency_cap", "quiet_hours", "max_event_age",
                         "on_resume", "vars", "entry", "nodes", "status"},
                        "");
  auto made = std::make_shared<sequence_definition>();
  made->key = reader.text(from, "key", "", true);
  if (made->key.size() > 64)
    reader.fail("field_type_mismatch", "`key` has at most 64 bytes", "/key");
  made->name = reader.text(from, "name", "", false);
  reader.text(from, "description", "", false); // for people alone
  made->triggers = read_triggers(reader, from);
  made->filter = reader.rule(from, "filter", "");
  made->re_entry = read_re_entry(reader, from);
  made->cooldown = reader.span(from, "cooldown", "", false);
  if (const auto* exits = member(from, "exit_when"); exits != nullptr)
    made->exit_when = reader.clauses(*exits, "/exit_when", false);
  read_limits(reader, from, *made);
  read_vars(reader, from, *made);
  made->entry = reader.target(from, "entry", "", true);
  read_nodes(reader, nodes->get_object(), *made);
  if (reader.fault())
    return *reader.fault();
  made->questions = reader.questions();
  made->segments = reader.segments();
  if (const auto busy = find_busy_cycle(*made))
    return invalid("cycle_without_wait",
                   "a run would go round through `" + *busy
                     + "` without resting; put a wait that does not look back "
                       "into the cycle",
                   pointer_to("/nodes", *busy));
  return std::shared_ptr<const sequence_definition>{std::move(made)};
}

} // namespace troupe::engine
