// What waits, by who it is for: those with the least under way go first, each
// in its own order, and nobody has more under way than allowed. One that is
// slow takes its own share and no more.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace troupe::outbound {

template <class Item>
class fair_queue {
public:
  struct taken {
    std::string whose;
    Item item;
  };

  explicit fair_queue(std::size_t under_way_max)
    : under_way_max_{under_way_max} {}

  void push(std::string whose, Item item) {
    auto& of = all_[whose];
    of.waiting.push_back(std::move(item));
    if (of.waiting.size() == 1)
      ready_.insert({of.under_way, of.turn, std::move(whose)});
  }

  /// The next one; it is under way until done().
  std::optional<taken> take() {
    if (ready_.empty() || ready_.begin()->under_way >= under_way_max_)
      return std::nullopt;
    auto whose = std::move(ready_.extract(ready_.begin()).value().whose);
    auto& of = all_[whose];
    taken out{whose, std::move(of.waiting.front())};
    of.waiting.pop_front();
    ++of.under_way;
    of.turn = ++turns_;
    if (!of.waiting.empty())
      ready_.insert({of.under_way, of.turn, std::move(whose)});
    return out;
  }

  void done(const std::string& whose) {
    const auto found = all_.find(whose);
    auto& of = found->second;
    const auto waits = !of.waiting.empty();
    if (waits)
      ready_.erase({of.under_way, of.turn, whose});
    --of.under_way;
    if (waits)
      ready_.insert({of.under_way, of.turn, whose});
    else if (of.under_way == 0)
      all_.erase(found);
  }

  /// What waits, with no regard to whose it is.
  std::deque<Item> take_all() {
    std::deque<Item> out;
    for (auto& [whose, of] : all_)
      for (auto& item : std::exchange(of.waiting, {}))
        out.push_back(std::move(item));
    ready_.clear();
    return out;
  }

private:
  struct place {
    std::size_t under_way;
    std::uint64_t turn;
    std::string whose;
    auto operator<=>(const place&) const = default;
  };

  struct line {
    std::deque<Item> waiting;
    std::size_t under_way = 0;
    std::uint64_t turn = 0; // when it was last its turn
  };

  std::size_t under_way_max_;
  std::unordered_map<std::string, line> all_;
  std::set<place> ready_; // of those that wait
  std::uint64_t turns_ = 0;
};

} // namespace troupe::outbound
