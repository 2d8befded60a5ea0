// What every store promises. A store plugs in by defining make_store_maker()
// in an executable that compiles the files of this directory.
#pragma once

#include "persistence/store.hpp"
#include "tests/support/driven_contact.hpp"
#include "tests/support/replay.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::test {

using namespace std::chrono_literals;
using persistence::commit_unit;
using persistence::committed;
using persistence::refused;
using persistence::unit_outcome;

/// Opens one store, empty at first, as often as it is asked to. At most one
/// of the opened stores lives at a time unless a test says otherwise.
class store_maker {
public:
  virtual ~store_maker() = default;

  /// As a process does that starts at `now`.
  virtual engine::result<std::unique_ptr<persistence::store>>
  open(engine::timestamp now) = 0;

  /// Marks the store, which is closed, as written by a newer release.
  virtual void pretend_newer_schema() = 0;

  /// Makes every commit with a turn of this event type fail, as a full disk
  /// would in the middle of it.
  virtual void break_commits_of(std::string_view event_type) = 0;
  virtual void repair_commits() = 0;
};

std::unique_ptr<store_maker> make_store_maker();

inline constexpr engine::workspace_id here{7};
inline constexpr engine::workspace_id elsewhere{8};

/// Ids in shards below and above the middle, so that some are negative as
/// signed numbers.
inline engine::contact_id contact_number(std::uint64_t n) {
  return engine::contact_id{((n * 37 % engine::shard_count) << 56) | n};
}

inline driven_contact contact(std::uint64_t n,
                              engine::workspace_id workspace = here) {
  return {workspace, contact_number(n)};
}

class opened_store {
public:
  opened_store() {
    reopen();
  }

  void reopen(engine::timestamp now = noon) {
    reader_.reset();
    store_.reset();
    auto made = maker_->open(now);
    REQUIRE(made);
    store_ = std::move(*made);
    auto reading = store_->open_reader();
    REQUIRE(reading);
    reader_ = std::move(*reading);
  }

  void close() {
    reader_.reset();
    store_.reset();
  }

  store_maker& maker() {
    return *maker_;
  }

  persistence::store& store() {
    return *store_;
  }

  persistence::store_reader& reader() {
    return *reader_;
  }

  std::vector<unit_outcome>
  commit(const std::vector<commit_unit>& units,
         const std::vector<persistence::attempt_row>& attempts = {}) {
    auto outcomes = store_->commit(units, attempts);
    REQUIRE(outcomes);
    REQUIRE(outcomes->size() == units.size());
    return std::move(*outcomes);
  }

  /// Commits what waits and tells the contact. @returns the first position
  engine::position save(driven_contact& one, bool with_snapshot = false) {
    const auto outcome = commit({one.unit(with_snapshot)}).front();
    REQUIRE(std::holds_alternative<committed>(outcome));
    const auto first = std::get<committed>(outcome).first;
    one.committed(first);
    return first;
  }

  /// Commits what waits and expects a refusal.
  refused save_refused(const driven_contact& one) {
    const auto outcome = commit({one.unit()}).front();
    REQUIRE(std::holds_alternative<refused>(outcome));
    return std::get<refused>(outcome);
  }

  /// Every timer, inbox row and delivery a scheduler or dispatcher can see.
  std::vector<persistence::due_timer> timers() {
    auto found = reader_->timers(noon + 10 * 365 * 24h, {}, 10'000);
    REQUIRE(found);
    return std::move(*found);
  }

  std::vector<persistence::inbox_row> inbox() {
    auto found = reader_->inbox(noon + 10 * 365 * 24h, {}, 10'000);
    REQUIRE(found);
    return std::move(*found);
  }

  std::vector<persistence::delivery_key> outbox(std::uint32_t destination) {
    auto found
      = reader_->outbox({engine::destination_id{destination}, {}, 0}, 10'000);
    REQUIRE(found);
    return std::move(*found);
  }

private:
  std::unique_ptr<store_maker> maker_ = make_store_maker();
  std::unique_ptr<persistence::store> store_;
  std::unique_ptr<persistence::store_reader> reader_;
};

} // namespace troupe::test
