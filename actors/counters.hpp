// What the actors count. Shared by all of one server; any thread reads.
#pragma once

#include "engine/run.hpp"
#include "persistence/rows.hpp"

#include <prometheus/histogram.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::actors {

struct actor_counters {
  using counter = std::atomic<std::uint64_t>;

  static constexpr std::size_t turn_kinds = 8;
  static constexpr std::size_t run_statuses = 8;
  static constexpr std::size_t delivery_statuses = 8;

  counter contacts_awake{0};               // gauge
  std::array<counter, turn_kinds> turns{}; // by engine::turn_kind
  counter events{0};                       // turns that carry one
  counter runs_started{0};
  std::array<counter, run_statuses> runs_ended{}; // by engine::run_status
  counter units_refused{0};             // by a precondition; decided again
  counter groups_failed{0};             // the store could not write
  std::atomic<bool> store_writes{true}; // what came of the last group
  std::atomic<bool> store_is_there{true};
  /// Outcomes of attempts, by persistence::delivery_status.
  std::array<counter, delivery_statuses> attempts{};
  /// Calls made again, or to be made again, that may have arrived.
  counter deliveries_uncertain{0};

  prometheus::Histogram commit_seconds{
    {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5}};
  prometheus::Histogram commit_turns{
    {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}};
  /// Of fired timers: how long after they were due the turn was.
  prometheus::Histogram timer_delay_seconds{
    {0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600}};
  /// Of calls to webhooks, channels and `http` nodes.
  prometheus::Histogram attempt_seconds{
    {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}};

  void note(const persistence::turn_rows& turn);
};

inline void raise(actor_counters::counter& which, std::uint64_t by = 1) {
  which.fetch_add(by, std::memory_order_relaxed);
}

} // namespace troupe::actors
