// The idempotency keys of the last day, in memory: 24 bytes each in open
// addressing, in generations of half a day that are dropped whole. The store's
// `keys` table makes them durable.
#pragma once

#include "engine/event.hpp"
#include "engine/idempotency_window.hpp"
#include "engine/ids.hpp"
#include "engine/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace troupe::persistence {

class key_window {
public:
  static constexpr engine::duration length = engine::idempotency_window;
  /// About 34 bytes of memory each.
  static constexpr std::size_t keys_max = 16'000'000;

  /// @returns the turn that used the key within the window before `now`
  [[nodiscard]] std::optional<engine::position>
  find(const engine::idempotency& key, engine::timestamp now) const;

  /// Adds a key that is not there. @pre size() < keys_max
  void add(const engine::idempotency& key, engine::position holder,
           engine::timestamp now);

  /// Gives back the memory of keys that can no longer answer.
  void forget(engine::timestamp now);

  /// Takes back a key whose commit failed.
  void remove(const engine::idempotency& key);

  [[nodiscard]] std::size_t size() const;

private:
  struct entry {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::uint64_t turn_and_minute = 0; // 40 + 24 bits; 0: free
  };

  struct generation {
    std::int64_t number = -1; // half days since 1970
    std::size_t live = 0;
    std::size_t filled = 0; // live and emptied slots
    std::vector<entry> entries;
    [[nodiscard]] std::size_t place(std::uint64_t high,
                                    std::uint64_t low) const;
    void insert(const entry& fresh);
  };

  generation& at(std::int64_t number);

  std::array<generation, 4> generations_;
};

} // namespace troupe::persistence
