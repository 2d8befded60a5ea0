// A store that fails when the test says so, in front of a real one.
#pragma once

#include "persistence/store.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace troupe::tests {

class flaky_store final : public persistence::store {
public:
  explicit flaky_store(std::unique_ptr<persistence::store> real)
    : real_(std::move(real)) {}

  /// Asked before each commit; true makes it fail with nothing written.
  std::function<bool(std::span<const persistence::commit_unit>)> fails
    = [](auto) {
        return false;
      };
  std::size_t commits = 0; // that reached the real store

  engine::result<std::vector<persistence::unit_outcome>>
  commit(std::span<const persistence::commit_unit> units,
         std::span<const persistence::attempt_row> attempts) override {
    if (fails(units))
      return engine::error{engine::errc::storage_unavailable,
                           "storage_unavailable",
                           "the test says no",
                           {}};
    ++commits;
    return real_->commit(units, attempts);
  }

  bool maintain(engine::timestamp now) override {
    return real_->maintain(now);
  }

  engine::result<persistence::workspace_row>
  put(persistence::workspace_row row) override {
    return real_->put(std::move(row));
  }

  engine::result<persistence::key_row> put(persistence::key_row row) override {
    return real_->put(std::move(row));
  }

  engine::result<persistence::sequence_row>
  put(persistence::sequence_row row) override {
    return real_->put(std::move(row));
  }

  engine::result<persistence::destination_row>
  put(persistence::destination_row row) override {
    return real_->put(std::move(row));
  }

  [[nodiscard]] std::uint64_t seed() const override {
    return real_->seed();
  }

  engine::result<std::unique_ptr<persistence::store_reader>>
  open_reader() override {
    return real_->open_reader();
  }

private:
  std::unique_ptr<persistence::store> real_;
};

} // namespace troupe::tests
