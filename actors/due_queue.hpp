// Work that is due at a time: in order, each once, and remembered while it is
// under way so that hearing of it twice does nothing.
#pragma once

#include "engine/time.hpp"

#include <optional>
#include <set>
#include <vector>

namespace troupe::actors {

/// @tparam Order compares by due time first, then by identity; `Due` reads the
/// time of an item
template <class Item, class Order, class Due>
class due_queue {
public:
  void add(Item item) {
    if (!under_way_.contains(item))
      waiting_.insert(std::move(item));
  }

  /// The items due at `now`, at most `limit`; they are under way from then on.
  std::vector<Item> take(engine::timestamp now, std::size_t limit) {
    std::vector<Item> taken;
    while (!waiting_.empty() && taken.size() < limit
           && Due{}(*waiting_.begin()) <= now) {
      taken.push_back(*waiting_.begin());
      under_way_.insert(*waiting_.begin());
      waiting_.erase(waiting_.begin());
    }
    return taken;
  }

  void done(const Item& item) {
    under_way_.erase(item);
  }

  [[nodiscard]] std::optional<engine::timestamp> next() const {
    if (waiting_.empty())
      return std::nullopt;
    return Due{}(*waiting_.begin());
  }

  [[nodiscard]] std::size_t under_way() const {
    return under_way_.size();
  }

  [[nodiscard]] std::size_t size() const {
    return waiting_.size() + under_way_.size();
  }

private:
  std::set<Item, Order> waiting_;
  std::set<Item, Order> under_way_;
};

} // namespace troupe::actors
