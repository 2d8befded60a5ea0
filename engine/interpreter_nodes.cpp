// What each kind of node does when a run enters it.
#include "engine/interpreter.hpp"
#include "engine/json_text.hpp"
#include "engine/overloaded.hpp"
#include "engine/strict_json.hpp"
#include "engine/template_scope.hpp"
#include "engine/unicode.hpp"

#include <xxhash.h>

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

/// What the trace keeps of a send's paths that led nowhere.
constexpr std::size_t missing_paths_max = 10;
constexpr std::size_t missing_path_bytes_max = 100;

// What an enrolment gave to the texts of one channel; null: nothing.
const json::value* variables_for(const std::string& channel,
                                 const json::object& vars) {
  const auto* all = vars.if_contains(channel_variables_name);
  const auto* ours = all == nullptr || !all->is_object()
                       ? nullptr
                       : all->get_object().if_contains(channel);
  return ours == nullptr || !ours->is_object() ? nullptr : ours;
}

// Attributes hold what a door would take: one that is made of others could
// else grow with every visit.
bool is_attribute(const json::value& value) {
  constexpr json_limits limits{32, attribute_bytes_max, 256};
  return value.is_null() || value.is_bool() || value.is_number()
         || parse_json(to_json(value), limits).has_value();
}

// Of the bytes, in an order that no machine changes: it is decided for good.
std::uint64_t split_point(contact_id contact, sequence_id sequence,
                          std::string_view node) {
  std::string key;
  const auto add = [&key](std::uint64_t value) {
    for (int byte = 0; byte < 8; ++byte, value >>= 8)
      key.push_back(static_cast<char>(value & 0xff));
  };
  add(engine::number(contact));
  add(engine::number(sequence));
  key += node;
  return XXH3_64bits(key.data(), key.size());
}

} // namespace

// Enters nodes until one rests the run or ends it.
void interpreter::go(std::uint32_t number, const published_sequence& pinned,
                     edge next) {
  std::optional<edge> way{std::move(next)};
  std::uint32_t entered = 0;
  while (way && !wanted_) {
    if (way->to == no_node) {
      end(number, way->ends, way->why);
      return;
    }
    if (++entered > nodes_per_run_max
        || out_.nodes_entered >= nodes_per_turn_max
        || out_.sends.size() >= sends_per_turn_max) {
      note(rule::node_limit, false, pinned.id, number);
      end(number, run_status::failed, "node_limit");
      return;
    }
    const auto& node = pinned.definition->nodes[way->to];
    ++out_.nodes_entered;
    way = enter(number, node, way->why);
  }
}

void interpreter::rest(std::uint32_t number, const sequence_node& node,
                       std::string why, std::optional<timestamp> wake_at,
                       std::uint32_t clauses) {
  record(run_moved{number, node.name, std::move(why), wake_at, clauses});
  if (wake_at)
    out_.timers_set.push_back(
      {*wake_at, number, state_.find_run(number)->visit});
}

/// @returns the way on, or nothing when the run rests here or has ended
std::optional<interpreter::edge> interpreter::enter(std::uint32_t number,
                                                    const sequence_node& node,
                                                    const std::string& why) {
  if (const auto* wait = std::get_if<wait_node>(&node.what))
    return enter_wait(number, node, *wait, why);
  if (const auto* message = std::get_if<send_node>(&node.what))
    return enter_send(number, node, *message, why);
  if (const auto* what = std::get_if<http_node>(&node.what);
      what != nullptr && what->awaits)
    return enter_call(number, node, *what, why);
  rest(number, node, why, std::nullopt, 0);
  const auto current = *state_.find_run(number);
  scope_.set_run(&current);
  auto next = act(number, node);
  scope_.set_run(nullptr);
  return next;
}

// What a node does whose way on is known at once.
std::optional<interpreter::edge> interpreter::act(std::uint32_t number,
                                                  const sequence_node& node) {
  using way = std::optional<edge>;
  return std::visit(overloaded{
                      [&](const branch_node& what) -> way {
                        return enter_branch(number, node, what);
                      },
                      [&](const split_node& what) -> way {
                        return enter_split(number, node, what);
                      },
                      [&](const update_node& what) -> way {
                        update(what);
                        return edge{what.then, "then"};
                      },
                      [&](const http_node& what) -> way {
                        call(number, node, what);
                        return edge{what.then, "then"};
                      },
                      [&](const emit_node& what) -> way {
                        emit(what);
                        return edge{what.then, "then"};
                      },
                      [&](const start_node& what) -> way {
                        ask_start(number, what);
                        return edge{what.then, "then"};
                      },
                      [&](const exit_node&) -> way {
                        end(number, run_status::completed, node.name);
                        return std::nullopt;
                      },
                      [](const auto&) -> way {
                        return std::nullopt;
                      },
                    },
                    node.what);
}

interpreter::edge interpreter::enter_branch(std::uint32_t number,
                                            const sequence_node& node,
                                            const branch_node& branch) {
  const auto sequence = state_.find_run(number)->sequence;
  for (std::size_t i = 0; i < branch.choices.size(); ++i)
    if (ask(rule::branch_case, branch.choices[i].when, sequence, number,
            check_inputs{}.add("node", node.name).add("case", i)))
      return {branch.choices[i].then, "case:" + std::to_string(i)};
  return {branch.otherwise, "else"};
}

interpreter::edge interpreter::enter_split(std::uint32_t number,
                                           const sequence_node& node,
                                           const split_node& split) {
  std::uint64_t total = 0;
  for (const auto& way : split.ways)
    total += way.weight;
  const auto sequence = state_.find_run(number)->sequence;
  const auto point = split_point(state_.id, sequence, node.name) % total;
  std::uint64_t below = 0;
  std::size_t taken = 0;
  while (point >= below + split.ways[taken].weight)
    below += split.ways[taken++].weight;
  const auto index = std::to_string(taken);
  note(rule::split, true, sequence, number,
       std::to_string(point) + " of " + std::to_string(total) + ": " + index);
  return {split.ways[taken].then, "split:" + index};
}

bool interpreter::set_attribute(const std::string& name, json::value value) {
  const auto& held = *state_.attributes;
  const auto is_one_too_many
    = !value.is_null() && !held.contains(name) && held.size() >= attributes_max;
  if (is_one_too_many || !is_attribute(value)) {
    note(rule::attribute_limit, false, {}, 0, name);
    return false;
  }
  record(attribute_set{name, std::move(value)});
  return true;
}

void interpreter::update(const update_node& what) {
  for (const auto& [name, value] : what.set)
    set_attribute(name, value.evaluate(scope_));
  for (const auto& name : what.unset)
    record(attribute_set{name, nullptr});
  for (const auto& tag : what.tags_added)
    record(tag_added{tag});
  for (const auto& tag : what.tags_removed)
    record(tag_removed{tag});
  if (what.score != 0)
    record(score_added{what.score});
}

void interpreter::send(std::uint32_t number, const sequence_node& node,
                       const send_node& what) {
  const auto channel = with_.channel(what.channel);
  if (!channel)
    return; // saving the sequence checked it; a channel can be removed since
  outgoing_send out;
  out.destination = *channel;
  out.run = number;
  out.visit = state_.find_run(number)->visit;
  out.node = node.name;
  unresolved_paths missing;
  const auto* given
    = variables_for(what.channel, state_.find_run(number)->vars);
  for (const auto& [name, part] : what.parts)
    out.request[name] = part.evaluate(scope_, &missing, given);
  if (!is_wanted(number, what, out.request))
    return;
  const auto sequence = state_.find_run(number)->sequence;
  if (!what.template_key.empty()) {
    const auto* message = with_.find_template(what.template_key);
    if (message == nullptr
        || !fill(out.request, *message, what, given, missing)) {
      note(rule::template_limit, false, sequence, number,
           check_inputs{}
             .add("node", node.name)
             .add("template", what.template_key)
             .take());
      return;
    }
  }
  for (std::size_t i = 0; i < std::min(missing.size(), missing_paths_max); ++i)
    note(rule::template_path, false, sequence, number,
         check_inputs{}
           .add("node", node.name)
           .add("path", readable(missing[i], missing_path_bytes_max))
           .take());
  const auto version = state_.find_run(number)->version;
  out.request["sequence"] = with_.find(sequence, version)->definition->key;
  out.request["to"] = contact_document(state_, &with_);
  out_.sends.push_back(std::move(out));
  if (const auto life = with_.nudge_life_of(*channel))
    put_into_inbox(number, what.expires_in.value_or(*life));
}

// The turn's newest send. Its id says when, and hashes of what and which.
void interpreter::put_into_inbox(std::uint32_t number, duration life) {
  const auto ordinal = static_cast<std::uint32_t>(out_.sends.size());
  const auto hash = fingerprint(json::array{engine::number(out_.contact),
                                            out_.stamp.seq, ordinal, "nudge"});
  record(nudge_put{
    "ndg_" + ulid(out_.stamp.at, static_cast<std::uint16_t>(ordinal), hash),
    ordinal, number, out_.stamp.at + life});
}

/// @returns false when the template's limits are reached
bool interpreter::fill(json::object& parts, const published_template& message,
                       const send_node& what, const json::value* given,
                       unresolved_paths& missing) {
  json::value variables = json::object{};
  for (const auto& [name, value] : what.vars)
    variables.get_object()[name] = value.evaluate(scope_, &missing, given);
  if (given != nullptr)
    for (const auto& each : given->get_object())
      variables.get_object()[each.key()] = each.value();
  const template_scope seen{scope_.root("event"), scope_.root("contact"),
                            scope_.root("run"), &variables};
  auto rendered = message.message.render(seen.data());
  if (!rendered)
    return false;
  for (auto& part : rendered->parts)
    parts[part.key()] = std::move(part.value());
  parts["template"] = {{"key", message.key}, {"version", message.version}};
  missing.insert(missing.end(), rendered->unresolved.begin(),
                 rendered->unresolved.end());
  return true;
}

void interpreter::emit(const emit_node& what) {
  json::object properties;
  for (const auto& [name, value] : what.properties)
    properties[name] = value.evaluate(scope_);
  outgoing_message out;
  out.type = what.event;
  out.properties = to_json(properties);
  if (what.contact_kind) {
    const auto named = what.contact.evaluate(scope_);
    auto who = named.is_string() ? make_identity(
                 *what.contact_kind, std::string_view{named.get_string()})
                                 : std::nullopt;
    if (!who) {
      note(rule::identity, false, {}, 0, "emit:" + what.event);
      return;
    }
    out.target = std::move(*who);
  }
  tell(std::move(out));
}

void interpreter::tell(outgoing_message what) {
  what.hops = out_.hops + 1;
  if (what.hops > hops_max)
    note(rule::loop, false, {}, 0, "loop_detected:" + what.type);
  else
    out_.messages.push_back(std::move(what));
}

void interpreter::tell_contact(std::string type,
                               const json::object& properties) {
  outgoing_message out;
  out.type = std::move(type);
  out.properties = to_json(properties);
  tell(std::move(out));
}

} // namespace troupe::engine
