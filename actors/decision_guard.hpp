// Which inputs are being decided, kept in memory that outlives the process. An
// input whose decision was under way when the process died, and died three
// times, is poison: it is parked instead of being decided once more (U6). Each
// decision is written down before it begins, so an input that crashes, loops or
// eats all memory counts, whatever ended the process.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::actors {

/// One thread's decision.
struct alignas(64) decision_slot {
  std::atomic<std::uint64_t> name; // 0: none is under way
};

/// What was under way when the process ended.
struct suspect {
  std::atomic<std::uint64_t> name; // 0: a free place
  std::uint64_t deaths;            // changes when the process starts, only
};

/// As it lies in a file: all zero at first. One process at a time.
struct decision_record {
  static constexpr std::size_t slots_max = 256;
  static constexpr std::size_t suspects_max = 64;
  static constexpr std::size_t release_bytes_max = 64;

  std::array<char, release_bytes_max> release; // that they ended; zeros behind
  std::array<suspect, suspects_max> suspects;
  std::array<decision_slot, slots_max> slots;
};

class decision_guard {
public:
  static constexpr std::uint64_t deaths_max = 3;
  /// Of what never comes again: nobody's fault.
  static constexpr std::uint64_t unnamed = 2;

  /// Counts what the process before this one left under way.
  /// What ended another release is tried again.
  /// @param kept outlives it
  decision_guard(decision_record& kept, std::string_view release);

  /// While it lives the input is being decided, by this thread.
  class mark {
  public:
    mark(decision_guard& by, std::uint64_t name);
    ~mark();
    mark(const mark&) = delete;
    mark& operator=(const mark&) = delete;

  private:
    mark(decision_guard& by, std::uint64_t name, std::size_t place);

    decision_slot& slot_;
    std::atomic<std::uint64_t>& turns_;
  };

  /// @returns true when it must not be decided
  [[nodiscard]] bool is_poison(std::uint64_t name) const;

  /// It was decided after all, or parked. A question is no end: with its answer
  /// the same input is decided once more.
  void acquit(std::uint64_t name);

  /// Looked at now and then, by one thread. @returns true when the same
  /// decision has been under way at so many looks
  bool is_stuck(unsigned looks);

private:
  /// How often a thread began and ended; odd while its decision is under way.
  struct alignas(64) turn_count {
    std::atomic<std::uint64_t> number{0};
  };

  struct seen {
    std::uint64_t turn = 0;
    unsigned looks = 0;
  };

  void accuse(std::uint64_t name);

  decision_record& kept_;
  std::array<turn_count, decision_record::slots_max> turns_;
  std::array<seen, decision_record::slots_max> seen_{};
  std::atomic<std::size_t> suspects_{0};
};

} // namespace troupe::actors
