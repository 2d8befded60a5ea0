// The graph of a sequence's nodes.
#include "engine/definition_reader.hpp"
#include "engine/nearest.hpp"
#include "engine/overloaded.hpp"

namespace troupe::engine {

namespace {

// The ways on that a run may take without resting in the node. A wait that
// looks back can be satisfied at once, again and again; its timeout cannot. So
// can a wait for a date that has passed, and a call that is answered at once.
std::vector<node_index> ways_through(const sequence_node& node) {
  if (std::holds_alternative<state_node>(node.what))
    return {};
  const auto* wait = std::get_if<wait_node>(&node.what);
  if (wait == nullptr)
    return targets_of(node);
  if (wait->until && wait->until->can_have_passed())
    return targets_of(node);
  if (wait->back.how == look_back::reach::none)
    return {};
  auto passing = *wait;
  passing.on_timeout = no_node;
  return targets_of({node.name, std::move(passing)});
}

enum class mark : std::uint8_t { unseen, open, done };

} // namespace

std::vector<node_index> targets_of(const sequence_node& node) {
  std::vector<node_index> out;
  const auto add = [&out](node_index to) {
    if (to != no_node)
      out.push_back(to);
  };
  std::visit(overloaded{
               [&](const wait_node& wait) {
                 add(wait.then);
                 add(wait.on_timeout);
                 for (const auto& clause : wait.clauses)
                   add(clause.then);
               },
               [&](const branch_node& branch) {
                 for (const auto& choice : branch.choices)
                   add(choice.then);
                 add(branch.otherwise);
               },
               [&](const state_node& state) {
                 for (const auto& clause : state.on)
                   add(clause.then);
               },
               [&](const split_node& split) {
                 for (const auto& way : split.ways)
                   add(way.then);
               },
               [&](const http_node& call) {
                 add(call.then);
                 add(call.on_failure);
               },
               [](const exit_node&) {},
               [&](const auto& passing) {
                 add(passing.then);
               },
             },
             node.what);
  return out;
}

node_index way_past(const sequence_node& node) {
  if (const auto* wait = std::get_if<wait_node>(&node.what))
    return wait->timeout ? wait->on_timeout : wait->then;
  if (const auto* send = std::get_if<send_node>(&node.what))
    return send->then;
  if (const auto* call = std::get_if<http_node>(&node.what))
    return call->then;
  return no_node;
}

// Depth first over the ways that do not rest; a way back to an open one is a
// cycle. Iterative: definitions have up to 500 nodes in a row.
std::optional<std::string> find_busy_cycle(const sequence_definition& of) {
  struct visit {
    node_index node = 0;
    std::vector<node_index> targets;
    std::size_t next = 0;
  };
  std::vector<mark> marks(of.nodes.size(), mark::unseen);
  for (node_index root = 0; root < of.nodes.size(); ++root) {
    std::vector<visit> way;
    const auto enter = [&](node_index node) {
      marks[node] = mark::open;
      way.push_back({node, ways_through(of.nodes[node]), 0});
    };
    if (marks[root] == mark::unseen)
      enter(root);
    while (!way.empty()) {
      auto& top = way.back();
      if (top.next == top.targets.size()) {
        marks[top.node] = mark::done;
        way.pop_back();
        continue;
      }
      const auto to = top.targets[top.next++];
      if (marks[to] == mark::open)
        return of.nodes[to].name;
      if (marks[to] == mark::unseen)
        enter(to);
    }
  }
  return std::nullopt;
}

status check_segments(const sequence_definition& definition,
                      const std::set<std::string>& keys) {
  for (const auto& [key, place] : definition.segments)
    if (!keys.contains(key))
      return invalid("unknown_segment",
                     "there is no segment `" + key + "`" + hint_for(key, keys),
                     place);
  return success();
}

status check_started(const sequence_definition& definition,
                     const std::set<std::string>& keys) {
  for (const auto& node : definition.nodes) {
    const auto* start = std::get_if<start_node>(&node.what);
    if (start == nullptr || start->sequence == definition.key
        || keys.contains(start->sequence))
      continue;
    auto message = "there is no sequence `" + start->sequence + "`";
    const std::vector<std::string_view> known{keys.begin(), keys.end()};
    const auto near = nearest(start->sequence, known);
    if (!near.empty())
      message += "; did you mean `" + std::string{near} + "`?";
    return invalid("unknown_sequence", std::move(message),
                   pointer_to("/nodes", node.name) + "/sequence");
  }
  return success();
}

} // namespace troupe::engine
