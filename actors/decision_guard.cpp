#include "actors/decision_guard.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

// Threads that decide are few; where they are more than slots, two share one,
// and one of them is not told apart.
std::size_t slot_of_this_thread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const auto mine = threads.fetch_add(1);
  return mine % decision_record::slots_max;
}

} // namespace

decision_guard::decision_guard(decision_record& kept) : kept_{kept} {
  for (auto& slot : kept_.slots) {
    const auto left = slot.name.exchange(0);
    if (left != 0 && left != unnamed)
      accuse(left);
  }
  count_suspects();
}

decision_guard::mark::mark(decision_guard& by, std::uint64_t name)
  : slot_{by.kept_.slots[slot_of_this_thread()]} {
  slot_.begun.store(slot_.begun.load(std::memory_order_relaxed) + 1,
                    std::memory_order_relaxed);
  slot_.name.store(name == 0 ? unnamed : name, std::memory_order_seq_cst);
}

decision_guard::mark::~mark() {
  slot_.name.store(0, std::memory_order_seq_cst);
}

bool decision_guard::is_poison(std::uint64_t name) {
  if (name == 0 || suspects_.load(std::memory_order_relaxed) == 0)
    return false;
  const std::lock_guard held{mutex_};
  return std::any_of(kept_.suspects.begin(), kept_.suspects.end(),
                     [name](const suspect& each) {
                       return each.name == name && each.deaths >= deaths_max;
                     });
}

bool decision_guard::is_stuck(unsigned looks) {
  auto found = false;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const auto& slot = kept_.slots[i];
    const auto begun = slot.begun.load(std::memory_order_relaxed);
    const auto is_same = slot.name.load(std::memory_order_relaxed) != 0
                         && begun == seen_[i].begun;
    seen_[i] = {begun, is_same ? seen_[i].looks + 1 : 0};
    found = found || seen_[i].looks >= looks;
  }
  return found;
}

// When all places are taken, the one with the fewest deaths is forgotten.
void decision_guard::accuse(std::uint64_t name) {
  const auto known = std::find_if(kept_.suspects.begin(), kept_.suspects.end(),
                                  [name](const suspect& each) {
                                    return each.name == name;
                                  });
  if (known != kept_.suspects.end()) {
    ++known->deaths;
    return;
  }
  *std::min_element(kept_.suspects.begin(), kept_.suspects.end(),
                    [](const suspect& a, const suspect& b) {
                      return a.deaths < b.deaths;
                    })
    = {name, 1};
}

void decision_guard::acquit(std::uint64_t name) {
  if (name == 0 || suspects_.load(std::memory_order_relaxed) == 0)
    return;
  const std::lock_guard held{mutex_};
  for (auto& each : kept_.suspects)
    if (each.name == name)
      each = {};
  count_suspects();
}

void decision_guard::count_suspects() {
  suspects_.store(static_cast<std::size_t>(std::count_if(
    kept_.suspects.begin(), kept_.suspects.end(), [](const suspect& each) {
      return each.name != 0;
    })));
}

} // namespace troupe::actors
