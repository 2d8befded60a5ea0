#include "bench/peers/floor_storage.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace troupe::bench {

namespace {

[[noreturn]] void give_up(const char* reason) {
  std::fprintf(stderr, "floor: %s\n", reason);
  std::exit(1);
}

class no_storage : public storage {
public:
  void add(const floor_event&) override {}
  void commit() override {}
};

class log_storage : public storage {
public:
  explicit log_storage(const std::string& directory)
    : file_{open((directory + "/floor.log").c_str(),
                 O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)} {}
  ~log_storage() override {
    close(file_);
  }

  void add(const floor_event& event) override {
    const auto& contact = event.contact;
    const auto size = event.key.size() + event.external_id.size()
                      + event.type.size() + event.metadata.size();
    const std::array<std::uint32_t, 4> numbers{static_cast<std::uint32_t>(size),
                                               contact.number, contact.events,
                                               contact.step};
    const std::string_view head{reinterpret_cast<const char*>(numbers.data()),
                                sizeof numbers};
    const std::string_view at{reinterpret_cast<const char*>(&event.at),
                              sizeof event.at};
    for (const auto part :
         {head, at, std::string_view{event.key},
          std::string_view{event.external_id}, event.type, event.metadata})
      batch_ += part;
  }

  void commit() override {
    if (batch_.empty())
      return;
    if (write(file_, batch_.data(), batch_.size())
          != static_cast<ssize_t>(batch_.size())
        || fdatasync(file_) != 0)
      give_up("the log cannot be written");
    batch_.clear();
  }

private:
  int file_;
  std::string batch_;
};

constexpr auto schema = R"(
  pragma journal_mode=wal;
  pragma synchronous=full;
  pragma cache_size=-262144;
  pragma wal_autocheckpoint=4000;
  create table contacts(id integer primary key,
    external_id text not null unique, n integer not null,
    step integer not null, updated_at integer);
  create table events(id integer primary key, idem text not null unique,
    contact_id integer not null, type text not null, metadata text,
    received_at integer not null);
  create index events_by_contact on events(contact_id, received_at);
  create index events_by_type on events(type, received_at);
)";

class sqlite_storage : public storage {
public:
  explicit sqlite_storage(const std::string& directory) {
    sqlite3_open((directory + "/floor.db").c_str(), &database_);
    execute(schema);
    contact_ = prepare("insert into contacts values(?1,?2,?3,?4,?5) on "
                       "conflict(id) do update set n=?3, step=?4, "
                       "updated_at=?5");
    event_ = prepare("insert into events values(?,?,?,?,?,?)");
  }
  ~sqlite_storage() override {
    sqlite3_finalize(contact_);
    sqlite3_finalize(event_);
    sqlite3_close(database_);
  }

  void add(const floor_event& event) override {
    if (!is_open_)
      execute("begin immediate");
    is_open_ = true;
    const auto& contact = event.contact;
    sqlite3_bind_int64(contact_, 1, contact.number);
    bind(contact_, 2, event.external_id);
    sqlite3_bind_int64(contact_, 3, contact.events);
    sqlite3_bind_int64(contact_, 4, contact.step);
    sqlite3_bind_int64(contact_, 5, event.at);
    step(contact_);
    sqlite3_bind_int64(event_, 1, static_cast<sqlite3_int64>(event.number));
    bind(event_, 2, event.key);
    sqlite3_bind_int64(event_, 3, contact.number);
    bind(event_, 4, event.type);
    bind(event_, 5, event.metadata);
    sqlite3_bind_int64(event_, 6, event.at);
    step(event_);
  }

  void commit() override {
    if (is_open_)
      execute("commit");
    is_open_ = false;
  }

private:
  void execute(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      give_up(sqlite3_errmsg(database_));
  }

  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr)
        != SQLITE_OK)
      give_up(sqlite3_errmsg(database_));
    return statement;
  }

  static void bind(sqlite3_stmt* statement, int at, std::string_view text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()),
                      nullptr);
  }

  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE)
      give_up(sqlite3_errmsg(database_));
    sqlite3_reset(statement);
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* contact_ = nullptr;
  sqlite3_stmt* event_ = nullptr;
  bool is_open_ = false;
};

} // namespace

std::unique_ptr<storage> open_storage(std::string_view kind,
                                      const std::string& directory) {
  if (kind == "none")
    return std::make_unique<no_storage>();
  if (kind == "log")
    return std::make_unique<log_storage>(directory);
  if (kind == "sqlite")
    return std::make_unique<sqlite_storage>(directory);
  return nullptr;
}

} // namespace troupe::bench
