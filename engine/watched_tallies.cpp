#include "engine/watched_tallies.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace troupe::engine {

namespace {

// Its part of the digest, which is the exclusive or of all parts.
std::uint64_t part_of(const watched_tally& each) {
  const std::array<std::uint64_t, 3> words{
    static_cast<std::uint64_t>(each.rule->id),
    static_cast<std::uint64_t>(each.reach.count()), each.whole ? 1U : 0U};
  return XXH3_64bits(words.data(), sizeof words);
}

} // namespace

void watched_tallies::add(const std::vector<tally_question>& questions,
                          std::optional<std::size_t> segment) {
  for (const auto& question : questions) {
    const auto [found, is_new]
      = places_.try_emplace(question.rule->id, all_.size());
    if (is_new) {
      all_.push_back({question.rule, {}, false, {}});
      by_event_.add(question.rule->event, found->second);
    } else {
      digest_ ^= part_of(all_[found->second]);
    }
    auto& each = all_[found->second];
    if (question.within)
      each.reach = std::max(each.reach, *question.within);
    else
      each.whole = true;
    if (segment
        && std::find(each.segments.begin(), each.segments.end(), *segment)
             == each.segments.end())
      each.segments.push_back(*segment);
    digest_ ^= part_of(each);
  }
}

} // namespace troupe::engine
