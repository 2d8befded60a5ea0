// The graph of a sequence's nodes.
#include "engine/definition_reader.hpp"

namespace troupe::engine {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

bool rests(const sequence_node& node) {
  return std::holds_alternative<wait_node>(node.what)
         || std::holds_alternative<state_node>(node.what);
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
               [](const exit_node&) {},
               [&](const auto& passing) {
                 add(passing.then);
               },
             },
             node.what);
  return out;
}

// Depth first over the nodes that do not rest; a way back to an open one is a
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
      way.push_back({node,
                     rests(of.nodes[node]) ? std::vector<node_index>{}
                                           : targets_of(of.nodes[node]),
                     0});
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

} // namespace troupe::engine
