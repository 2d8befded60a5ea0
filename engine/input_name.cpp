#include "engine/input_name.hpp"

#include "engine/overloaded.hpp"

#include <xxhash.h>

#include <array>

namespace troupe::engine {

namespace {

// Never 0.
std::uint64_t hash(const std::array<std::uint64_t, 4>& words) {
  return XXH3_64bits(words.data(), sizeof words) | 1;
}

std::uint64_t hash(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

} // namespace

std::uint64_t name_of(const contact_state& of, const turn_input& input) {
  const auto workspace = std::uint64_t{number(of.workspace)};
  return std::visit(
    overloaded{
      [&](const event_input& arrived) {
        const auto& event = arrived.event;
        // A contact that is new has another id each time.
        return hash(
          {workspace, hash(event.record.type), hash(event.record.body),
           event.identities.empty() ? 0 : hash(event.identities.front().key)});
      },
      [&](const timer_input& fired) {
        const auto due = fired.what.due.time_since_epoch().count();
        return hash({workspace, number(of.id), static_cast<std::uint64_t>(due),
                     std::uint64_t{fired.what.run} << 32 | fired.what.visit});
      },
      [&](const inbox_input& message) {
        return hash({workspace, message.id.high, message.id.low, 0});
      },
      [&](const intervention_input& wish) {
        if (!wish.trigger)
          return std::uint64_t{0};
        return hash(
          {workspace, number(of.id), wish.trigger->high, wish.trigger->low});
      },
      [](const merge_input&) {
        return std::uint64_t{0};
      }},
    input);
}

} // namespace troupe::engine
