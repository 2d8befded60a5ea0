#include "persistence/key_window.hpp"

#include <utility>

namespace troupe::persistence {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::int64_t minute_of(engine::timestamp at) {
  return std::chrono::floor<minutes>(at.time_since_epoch()).count();
}

std::int64_t half_day_of(engine::timestamp at) {
  return minute_of(at) / (12 * 60);
}

constexpr std::uint64_t minute_mask = 0xFFFFFF;
// A slot that was emptied again: keeps probe chains whole.
constexpr std::uint64_t emptied = ~std::uint64_t{0};

} // namespace

std::size_t key_window::generation::place(std::uint64_t high,
                                          std::uint64_t low) const {
  const auto mask = entries.size() - 1;
  auto slot = low & mask;
  while (entries[slot].turn_and_minute != 0
         && (entries[slot].high != high || entries[slot].low != low
             || entries[slot].turn_and_minute == emptied))
    slot = (slot + 1) & mask;
  return slot;
}

void key_window::generation::insert(const entry& fresh) {
  if (entries.empty())
    entries.resize(1024);
  if ((filled + 1) * 10 > entries.size() * 7) {
    // Where emptied slots fill it, putting it in order is enough.
    const auto crowded = live * 10 > entries.size() * 3;
    const auto old = std::exchange(
      entries, std::vector<entry>(entries.size() * (crowded ? 2 : 1)));
    for (const auto& kept : old)
      if (kept.turn_and_minute != 0 && kept.turn_and_minute != emptied)
        entries[place(kept.high, kept.low)] = kept;
    filled = live;
  }
  entries[place(fresh.high, fresh.low)] = fresh;
  ++live;
  ++filled;
}

key_window::generation& key_window::at(std::int64_t number) {
  auto& held
    = generations_[static_cast<std::size_t>(number) % generations_.size()];
  if (held.number != number)
    held = generation{number, 0, 0, {}};
  return held;
}

std::optional<engine::position> key_window::find(const engine::idempotency& key,
                                                 engine::timestamp now) const {
  for (const auto& held : generations_) {
    if (held.live == 0)
      continue;
    const auto& found = held.entries[held.place(key.key_high, key.key_low)];
    if (found.turn_and_minute == 0)
      continue;
    // Modulo 2^24 minutes, and both ways: the clock may have been set back.
    constexpr auto window = static_cast<std::uint64_t>(
      std::chrono::duration_cast<minutes>(length).count());
    const auto age = (static_cast<std::uint64_t>(minute_of(now))
                      - (found.turn_and_minute & minute_mask))
                     & minute_mask;
    if (age <= window || age >= minute_mask + 1 - window)
      return engine::position{found.turn_and_minute >> 24};
  }
  return std::nullopt;
}

void key_window::add(const engine::idempotency& key, engine::position holder,
                     engine::timestamp now) {
  const auto minute = static_cast<std::uint64_t>(minute_of(now)) & minute_mask;
  at(half_day_of(now))
    .insert(
      {key.key_high, key.key_low, (engine::number(holder) << 24) | minute});
}

void key_window::forget(engine::timestamp now) {
  // A generation is half a day: three later, all its keys are over a day old.
  for (auto& held : generations_)
    if (held.number + 3 < half_day_of(now))
      held = generation{};
}

void key_window::remove(const engine::idempotency& key) {
  for (auto& held : generations_) {
    if (held.live == 0)
      continue;
    auto& found = held.entries[held.place(key.key_high, key.key_low)];
    if (found.turn_and_minute == 0)
      continue;
    found.turn_and_minute = emptied;
    --held.live;
  }
}

std::size_t key_window::size() const {
  std::size_t total = 0;
  for (const auto& held : generations_)
    total += held.live;
  return total;
}

} // namespace troupe::persistence
