#include "persistence/sqlite/backup.hpp"

#include "persistence/sqlite/connection.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace troupe::persistence::sqlite {

namespace {

constexpr int pages_at_once = 4'096; // 16 MiB

struct closer {
  void operator()(sqlite3* held) const {
    sqlite3_close_v2(held);
  }
};

engine::error unwritable(const std::string& file, std::string_view why) {
  return engine::invalid("file_unwritable",
                         "cannot write " + file + ": " + std::string{why});
}

/// One descriptor that is closed with it.
class opened {
public:
  opened(const std::string& path, int flags)
    : file_{::open(path.c_str(), flags | O_CLOEXEC, 0600)} {}
  opened(const opened&) = delete;
  opened& operator=(const opened&) = delete;
  ~opened() {
    if (file_ >= 0)
      close(file_);
  }

  explicit operator bool() const {
    return file_ >= 0;
  }

  [[nodiscard]] bool sync() const {
    return file_ >= 0 && fsync(file_) == 0;
  }

private:
  int file_;
};

// Of what is not whole until it is synced and gets its name: no journal.
constexpr auto settings_of_copy = "PRAGMA journal_mode=OFF;"
                                  "PRAGMA synchronous=OFF;"
                                  "PRAGMA locking_mode=EXCLUSIVE;";

} // namespace

engine::status copy_store(const std::string& directory,
                          const std::string& file) {
  const auto source = directory + "/troupe.db";
  if (::access(source.c_str(), F_OK) != 0)
    return engine::invalid("backup_no_store",
                           "there is no store in " + directory);
  auto from = connection::open(source, access::read);
  if (!from)
    return from.failure();
  // What is copied is of the moment of its first read.
  const read_transaction moment{*from};
  statement first{from->get(), "SELECT seed FROM installation"};
  if (!moment || !first.step())
    return from->failure("read the store");
  if (!opened{file, O_CREAT | O_EXCL | O_WRONLY})
    return unwritable(file, std::strerror(errno));
  sqlite3* made = nullptr;
  const auto code = sqlite3_open_v2(
    file.c_str(), &made, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, closer> to{made};
  if (code != SQLITE_OK
      || sqlite3_exec(made, settings_of_copy, nullptr, nullptr, nullptr)
           != SQLITE_OK)
    return unwritable(file, sqlite3_errmsg(made));
  auto* copying = sqlite3_backup_init(made, "main", from->get(), "main");
  if (copying == nullptr)
    return unwritable(file, sqlite3_errmsg(made));
  auto step = SQLITE_OK;
  while (step == SQLITE_OK)
    step = sqlite3_backup_step(copying, pages_at_once);
  sqlite3_backup_finish(copying);
  if (step != SQLITE_DONE)
    return unwritable(file, sqlite3_errstr(step));
  return engine::success();
}

engine::result<copy_facts> facts_of(const std::string& file) {
  auto db = connection::open(file, access::still);
  if (!db)
    return db.failure();
  copy_facts out;
  statement version{db->get(), "PRAGMA user_version"};
  statement newest{db->get(), "SELECT coalesce(max(pos), 0) FROM turns"};
  statement tables{db->get(), "SELECT name FROM sqlite_schema"
                              " WHERE type='table'"
                              " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                              " ORDER BY name"};
  if (!version.step() || !newest.step())
    return db->failure("read the copy");
  out.schema = version.integer(0);
  out.newest_turn = static_cast<std::uint64_t>(newest.integer(0));
  while (tables.step()) {
    std::string name{tables.text(0)};
    statement count{db->get(), "SELECT count(*) FROM \"" + name + "\""};
    if (!count.step())
      return db->failure("count the rows of the copy");
    out.rows.push_back(
      {std::move(name), static_cast<std::uint64_t>(count.integer(0))});
  }
  if (tables.failed())
    return db->failure("read the copy");
  return out;
}

engine::result<restored_directory>
restored_directory::begin(const std::string& path) {
  auto lock = directory_lock::take(path);
  if (!lock)
    return lock.failure();
  restored_directory out{std::move(*lock), path};
  std::error_code failure;
  for (const auto& each : std::filesystem::directory_iterator{path, failure}) {
    const auto name = each.path().filename();
    if (name != "troupe.lock" && name != unfinished_store
        && name != "lost+found")
      return engine::invalid("target_not_empty", "the data directory " + path
                                                   + " is not empty: it has "
                                                   + name.string());
  }
  // Of one that was ended in the middle.
  std::filesystem::remove(out.file(), failure);
  return out;
}

std::string restored_directory::file() const {
  return path_ + "/" + unfinished_store;
}

// Root restores for whom the directory is.
bool restored_directory::give_away() const {
  struct stat about {};
  if (geteuid() != 0)
    return true;
  auto good = stat(path_.c_str(), &about) == 0;
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator{path_, none})
    good = lchown(each.path().c_str(), about.st_uid, about.st_gid) == 0 && good;
  return good;
}

engine::status restored_directory::finish() {
  const auto file = path_ + "/troupe.db";
  if (!give_away() || std::rename(this->file().c_str(), file.c_str()) != 0
      || !opened{path_, O_RDONLY | O_DIRECTORY}.sync())
    return unwritable(file, std::strerror(errno));
  return engine::success();
}

} // namespace troupe::persistence::sqlite
