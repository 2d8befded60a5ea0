// Faults that the harness must catch, in a binary of their own: the linker's
// --wrap leads the call of `open_store` here, and a faulty store goes before
// the real one. PLANTED_FAULT chooses the fault; the product has no
// trace of it.
#include "persistence/sqlite/sqlite_store.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

// The mangled name of sqlite::open_store behind the prefixes of --wrap.
#define TROUPE_OPEN_STORE                                                      \
  "_ZN6troupe11persistence6sqlite10open_storeERKNSt7__cxx1112basic_"           \
  "stringIcSt11char_traitsIcESaIcEEENSt6chrono10time_pointINSA_3_V212system_"  \
  "clockENSA_8durationIlSt5ratioILl1ELl1000000EEEEEE"
#define TROUPE_OPEN_DATABASE                                                   \
  "_ZN6troupe11persistence8postgres10open_storeERKNSt7__cxx1112basic_"         \
  "stringIcSt11char_traitsIcESaIcEEENSt6chrono10time_pointINSA_3_V212system_"  \
  "clockENSA_8durationIlSt5ratioILl1ELl1000000EEEEEE"

namespace troupe::persistence {

using engine::result;

result<std::unique_ptr<store>>
real_open_store(const std::string& directory,
                timestamp now) asm("__real_" TROUPE_OPEN_STORE);

result<std::unique_ptr<store>>
real_open_database(const std::string& url,
                   timestamp now) asm("__real_" TROUPE_OPEN_DATABASE);

namespace {

using std::chrono::steady_clock;

// The first connection opened is the writer's.
sqlite3* writer = nullptr;

int remember_writer(sqlite3* db, char**, const sqlite3_api_routines*) {
  if (writer == nullptr)
    writer = db;
  return SQLITE_OK;
}

/// Passes everything on; each fault overrides what it spoils.
class passing_store : public store {
public:
  explicit passing_store(std::unique_ptr<store> real)
    : real_{std::move(real)} {}

  result<std::vector<unit_outcome>>
  commit(std::span<const commit_unit> units,
         std::span<const attempt_row> attempts) override {
    return real_->commit(units, attempts);
  }

  engine::status reach() override {
    return real_->reach();
  }
  bool take_definition_changes() override {
    return real_->take_definition_changes();
  }

  bool forget_old(timestamp now) override {
    return real_->forget_old(now);
  }
  bool maintain(timestamp now) override {
    return real_->maintain(now);
  }

  result<std::vector<any_row>> put_all(std::vector<any_row> rows,
                                       std::optional<admin_row> note) override {
    return real_->put_all(std::move(rows), std::move(note));
  }

  engine::status make_due(std::span<const delivery_key> keys, timestamp due,
                          const admin_row& note) override {
    return real_->make_due(keys, due, note);
  }

  engine::status
  add_statistics(const engine::statistics_batch& batch) override {
    return real_->add_statistics(batch);
  }

  engine::status begin_erasure(const erasure_wish& wish) override {
    return real_->begin_erasure(wish);
  }

  result<erasing> erase_more(timestamp now) override {
    return real_->erase_more(now);
  }

  [[nodiscard]] std::uint64_t seed() const override {
    return real_->seed();
  }

  [[nodiscard]] std::string secret() const override {
    return real_->secret();
  }

  result<std::unique_ptr<store_reader>> open_reader() override {
    return real_->open_reader();
  }

protected:
  std::unique_ptr<store> real_;
};

/// Commits, as the caller sees it, and makes it durable a little later.
class acknowledge_before_commit final : public passing_store {
public:
  using passing_store::passing_store;

  result<std::vector<unit_outcome>>
  commit(std::span<const commit_unit> units,
         std::span<const attempt_row> attempts) override {
    if (steady_clock::now() - begun_ > held_for)
      end();
    if (!open_) {
      open_ = execute("BEGIN IMMEDIATE");
      begun_ = steady_clock::now();
    }
    // While it is held, BEGIN and COMMIT of the real store do nothing.
    sqlite3_set_authorizer(writer, &ignore_transactions, nullptr);
    auto outcomes = passing_store::commit(units, attempts);
    sqlite3_set_authorizer(writer, nullptr, nullptr);
    return outcomes;
  }

  bool maintain(timestamp now) override {
    if (steady_clock::now() - begun_ <= held_for)
      return false;
    end();
    return passing_store::maintain(now);
  }

  result<std::vector<any_row>> put_all(std::vector<any_row> rows,
                                       std::optional<admin_row> note) override {
    end();
    return passing_store::put_all(std::move(rows), std::move(note));
  }

  engine::status make_due(std::span<const delivery_key> keys, timestamp due,
                          const admin_row& note) override {
    end();
    return passing_store::make_due(keys, due, note);
  }

private:
  static constexpr auto held_for = std::chrono::milliseconds{20};

  static int ignore_transactions(void*, int action, const char*, const char*,
                                 const char*, const char*) {
    return action == SQLITE_TRANSACTION ? SQLITE_IGNORE : SQLITE_OK;
  }

  static bool execute(const char* sql) {
    return sqlite3_exec(writer, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  void end() {
    if (open_)
      execute("COMMIT");
    open_ = false;
  }

  bool open_ = false;
  steady_clock::time_point begun_{};
};

/// Commits what was refused for one reason, without what refused it.
class no_precondition final : public passing_store {
public:
  no_precondition(std::unique_ptr<store> real, refused::reason ignored)
    : passing_store{std::move(real)}, ignored_{ignored} {}

  result<std::vector<unit_outcome>>
  commit(std::span<const commit_unit> units,
         std::span<const attempt_row> attempts) override {
    auto outcomes = passing_store::commit(units, attempts);
    for (std::size_t i = 0; outcomes && i < units.size(); ++i) {
      auto unit = units[i];
      const refused* why = nullptr;
      while ((why = std::get_if<refused>(&(*outcomes)[i])) != nullptr
             && why->why == ignored_) {
        leave_out(unit.turns[why->index], *why);
        auto again = passing_store::commit(std::span{&unit, 1}, {});
        if (!again)
          return again.failure();
        (*outcomes)[i] = std::move(again->front());
      }
    }
    return outcomes;
  }

private:
  static void leave_out(turn_rows& turn, const refused& why) {
    if (why.why == refused::reason::key_used)
      turn.key.reset();
    else
      std::erase_if(turn.claimed, [&](const engine::identity& who) {
        return who.kind == why.who->kind && who.key == why.who->key;
      });
  }

  refused::reason ignored_;
};

/// Never comes back from a commit.
class commits_hang final : public passing_store {
public:
  using passing_store::passing_store;

  result<std::vector<unit_outcome>>
  commit(std::span<const commit_unit>, std::span<const attempt_row>) override {
    while (true)
      pause();
  }
};

std::unique_ptr<store> plant(std::string_view fault,
                             std::unique_ptr<store> real) {
  if (fault == "acknowledge_before_commit")
    return std::make_unique<acknowledge_before_commit>(std::move(real));
  if (fault == "commits_hang")
    return std::make_unique<commits_hang>(std::move(real));
  if (fault == "no_key_precondition")
    return std::make_unique<no_precondition>(std::move(real),
                                             refused::reason::key_used);
  if (fault == "no_identity_precondition")
    return std::make_unique<no_precondition>(std::move(real),
                                             refused::reason::identity_taken);
  if (fault == "synchronous_normal" && writer != nullptr
      && sqlite3_exec(writer, "PRAGMA synchronous=NORMAL", nullptr, nullptr,
                      nullptr)
           == SQLITE_OK)
    return real;
  std::fprintf(stderr, "troupe_faulty: unknown PLANTED_FAULT\n");
  std::exit(2);
}

} // namespace

/// The call of `open_store` in the product's main program ends here.
result<std::unique_ptr<store>>
faulty_open_store(const std::string& directory,
                  timestamp now) asm("__wrap_" TROUPE_OPEN_STORE);

result<std::unique_ptr<store>> faulty_open_store(const std::string& directory,
                                                 timestamp now) {
  using entry_point = void (*)();
  sqlite3_auto_extension(reinterpret_cast<entry_point>(&remember_writer));
  auto real = real_open_store(directory, now);
  const auto* fault = std::getenv("PLANTED_FAULT");
  if (!real || fault == nullptr)
    return real;
  return plant(fault, std::move(*real));
}

result<std::unique_ptr<store>>
faulty_open_database(const std::string& url,
                     timestamp now) asm("__wrap_" TROUPE_OPEN_DATABASE);

result<std::unique_ptr<store>> faulty_open_database(const std::string& url,
                                                    timestamp now) {
  auto real = real_open_database(url, now);
  const auto* fault = std::getenv("PLANTED_FAULT");
  if (!real || fault == nullptr)
    return real;
  return plant(fault, std::move(*real));
}

} // namespace troupe::persistence
