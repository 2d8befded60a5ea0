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
  /// The same of the outcomes of calls in it.
  std::function<bool(std::span<const persistence::attempt_row>)> loses
    = [](auto) {
        return false;
      };
  /// Asked after each commit that was made; true loses the answer to it.
  std::function<bool()> hides = [] {
    return false;
  };
  /// The same before; nothing is written then.
  std::function<bool(std::span<const persistence::attempt_row>)> loses_unheard
    = [](auto) {
        return false;
      };
  std::size_t commits = 0; // that reached the real store

  engine::result<std::vector<persistence::unit_outcome>>
  commit(std::span<const persistence::commit_unit> units,
         std::span<const persistence::attempt_row> attempts) override {
    if (fails(units) || loses(attempts))
      return engine::error{engine::errc::storage_unavailable,
                           "storage_unavailable",
                           "the test says no",
                           {}};
    if (loses_unheard(attempts))
      return persistence::outcome_unknown("the test says nothing");
    ++commits;
    auto made = real_->commit(units, attempts);
    if (made && hides())
      return persistence::outcome_unknown("the test says nothing");
    return made;
  }

  bool forget_old(engine::timestamp now) override {
    return real_->forget_old(now);
  }
  bool maintain(engine::timestamp now) override {
    return real_->maintain(now);
  }

  /// Somebody else changed definitions.
  bool is_redefined = false;

  /// What reach() says in place of the real store.
  std::function<engine::status()> away = [] {
    return engine::success();
  };

  engine::status reach() override {
    return away();
  }
  bool take_definition_changes() override {
    return std::exchange(is_redefined, false);
  }

  engine::result<std::vector<persistence::any_row>>
  put_all(std::vector<persistence::any_row> rows,
          std::optional<persistence::admin_row> note) override {
    return real_->put_all(std::move(rows), std::move(note));
  }

  engine::status make_due(std::span<const persistence::delivery_key> keys,
                          engine::timestamp due,
                          const persistence::admin_row& note) override {
    return real_->make_due(keys, due, note);
  }

  engine::status
  add_statistics(const engine::statistics_batch& batch) override {
    return real_->add_statistics(batch);
  }

  engine::status begin_erasure(const persistence::erasure_wish& wish) override {
    return real_->begin_erasure(wish);
  }

  engine::result<persistence::erasing>
  erase_more(engine::timestamp now) override {
    return real_->erase_more(now);
  }

  [[nodiscard]] std::uint64_t seed() const override {
    return real_->seed();
  }

  [[nodiscard]] std::string secret() const override {
    return real_->secret();
  }

  engine::result<std::unique_ptr<persistence::store_reader>>
  open_reader() override {
    return real_->open_reader();
  }

private:
  std::unique_ptr<persistence::store> real_;
};

} // namespace troupe::tests
