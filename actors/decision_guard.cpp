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

decision_guard::decision_guard(decision_record& kept, std::string_view release)
  : kept_{kept} {
  const auto length
    = std::min(release.size(), decision_record::release_bytes_max);
  std::array<char, decision_record::release_bytes_max> mine{};
  std::copy_n(release.begin(), length, mine.begin());
  const auto is_same = kept_.release == mine;
  if (!is_same)
    for (auto& each : kept_.suspects)
      each.name = 0;
  kept_.release = mine;
  for (auto& slot : kept_.slots) {
    const auto left = slot.name.exchange(0);
    if (is_same && left != 0 && left != unnamed)
      accuse(left);
  }
  suspects_ = static_cast<std::size_t>(std::count_if(
    kept_.suspects.begin(), kept_.suspects.end(), [](const suspect& each) {
      return each.name != 0;
    }));
}

decision_guard::mark::mark(decision_guard& by, std::uint64_t name)
  : mark{by, name, slot_of_this_thread()} {}

decision_guard::mark::mark(decision_guard& by, std::uint64_t name,
                           std::size_t place)
  : slot_{by.kept_.slots[place]}, turns_{by.turns_[place].number} {
  slot_.name.store(name == 0 ? unnamed : name, std::memory_order_seq_cst);
  turns_.fetch_add(1, std::memory_order_relaxed);
}

// The file may be on a file system that is frozen: what waits for that is over.
decision_guard::mark::~mark() {
  turns_.fetch_add(1, std::memory_order_relaxed);
  slot_.name.store(0, std::memory_order_seq_cst);
}

bool decision_guard::is_poison(std::uint64_t name) const {
  if (name == 0 || suspects_.load(std::memory_order_relaxed) == 0)
    return false;
  return std::any_of(kept_.suspects.begin(), kept_.suspects.end(),
                     [name](const suspect& each) {
                       return each.name.load(std::memory_order_relaxed) == name
                              && each.deaths >= deaths_max;
                     });
}

void decision_guard::acquit(std::uint64_t name) {
  if (name == 0 || suspects_.load(std::memory_order_relaxed) == 0)
    return;
  for (auto& each : kept_.suspects) {
    if (each.name.load(std::memory_order_relaxed) != name)
      continue;
    auto expected = name; // another thread may acquit it, too
    if (each.name.compare_exchange_strong(expected, 0))
      --suspects_;
  }
}

bool decision_guard::is_stuck(unsigned looks) {
  auto found = false;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const auto turn = turns_[i].number.load(std::memory_order_relaxed);
    const auto is_same = turn % 2 != 0 && turn == seen_[i].turn;
    seen_[i] = {turn, is_same ? seen_[i].looks + 1 : 0};
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
  const auto deaths = [](const suspect& of) {
    return of.name == 0 ? 0 : of.deaths;
  };
  auto& place = *std::min_element(kept_.suspects.begin(), kept_.suspects.end(),
                                  [deaths](const suspect& a, const suspect& b) {
                                    return deaths(a) < deaths(b);
                                  });
  place.name = name;
  place.deaths = 1;
}

} // namespace troupe::actors
