// `troupe backup`: a copy of the store while a server runs on it, whether such
// a copy is good, and a server's data made of one.
#include "actors/work.hpp"
#include "cli/backup_manifest.hpp"
#include "cli/chosen_store.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/settings_load.hpp"
#include "cli/version.hpp"
#include "persistence/postgres/backup.hpp"
#include "persistence/postgres/migrations.hpp"
#include "persistence/sqlite/backup.hpp"
#include "persistence/sqlite/migrations.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <filesystem>

namespace troupe::cli {

namespace {

namespace json = boost::json;
namespace postgres = persistence::postgres;
namespace sqlite = persistence::sqlite;

using engine::invalid;
using engine::result;
using engine::status;

engine::error damaged(const std::string& what) {
  return invalid("backup_damaged", "the backup is damaged: " + what);
}

result<settings> settings_of(const arguments& given) {
  auto loaded = load_settings(given, process_environment());
  if (loaded.problems.empty())
    return std::move(loaded.values);
  return invalid("setting_invalid", loaded.problems.front());
}

json::object shown(const std::string& directory, const backup_manifest& what) {
  std::uint64_t bytes = 0;
  for (const auto& each : what.files)
    bytes += each.bytes;
  return {{"backup", directory},
          {"store", what.store},
          {"troupe", what.troupe},
          {"schema", what.facts.schema},
          {"created_at", what.created_at},
          {"newest_turn", what.facts.newest_turn},
          {"bytes", bytes}};
}

// -- create -----------------------------------------------------------------

status copy_files(const settings& from, const std::string& into,
                  backup_manifest& what) {
  const auto is_file = is_embedded(from);
  const std::string name = is_file ? embedded_copy : database_copy;
  const auto file = into + "/" + name;
  what.store = is_file ? "sqlite" : "postgresql";
  if (is_file) {
    if (auto done = sqlite::copy_store(from.data_directory, file); !done)
      return done;
    auto facts = sqlite::facts_of(file);
    if (!facts)
      return facts.failure();
    what.facts = std::move(*facts);
  } else {
    auto done = postgres::dump_store(from.store, file);
    if (!done)
      return done.failure();
    what.facts = std::move(done->facts);
    what.dumped_by = done->made_by;
  }
  auto sum = sum_of(into, name);
  if (!sum)
    return sum.failure();
  what.files.push_back(std::move(*sum));
  // Of a database it is wherever the first server started.
  const auto key = from.data_directory + "/" + key_copy;
  std::error_code none;
  if (!is_file || !std::filesystem::exists(key, none))
    return engine::success();
  auto copied = copy_file(key, into + "/" + key_copy);
  if (!copied)
    return copied.failure();
  copied->name = key_copy;
  what.files.push_back(std::move(*copied));
  return engine::success();
}

result<backup_manifest> make_backup(const settings& from,
                                    const std::string& directory) {
  auto into = fresh_directory::make(directory);
  if (!into)
    return into.failure();
  backup_manifest what;
  what.troupe = version.number;
  what.created_at = engine::to_iso8601(actors::system_time());
  if (auto done = copy_files(from, into->path(), what); !done)
    return done.failure();
  if (auto done = write_manifest(into->path(), what); !done)
    return done.failure();
  if (auto done = into->finish(); !done)
    return done.failure();
  return what;
}

int create(const arguments& given) {
  const auto from = settings_of(given);
  if (!from)
    return report(from.failure());
  const auto directory = given.text("DIRECTORY");
  const auto made = make_backup(*from, directory);
  if (!made)
    return report(made.failure());
  print_object(given, shown(directory, *made));
  return exit_success;
}

// -- verify -----------------------------------------------------------------

std::int64_t newest_schema(const backup_manifest& of) {
  return static_cast<std::int64_t>(
    of.is_embedded() ? sqlite::migrations.size() : postgres::migrations.size());
}

status is_of_this_release(const backup_manifest& what) {
  if (what.facts.schema <= newest_schema(what))
    return engine::success();
  return invalid("schema_too_new",
                 "a newer release of Troupe made the backup: " + what.troupe);
}

status compare(const file_sum& is, const file_sum& should) {
  if (is.bytes == should.bytes && is.sha256 == should.sha256)
    return engine::success();
  return damaged(should.name + " is not what was written");
}

status check_sums(const std::string& directory, const backup_manifest& what) {
  for (const auto& each : what.files) {
    const auto sum = sum_of(directory, each.name);
    if (!sum)
      return sum.failure();
    if (auto same = compare(*sum, each); !same)
      return same;
  }
  return engine::success();
}

status check_embedded(const std::string& file, const backup_manifest& what,
                      json::object& found) {
  const auto facts = sqlite::facts_of(file);
  if (!facts)
    return facts.failure();
  if (*facts != what.facts)
    return damaged("it does not hold what its manifest says");
  const auto looked = sqlite::examine(file);
  if (!looked)
    return looked.failure();
  found["contacts"] = looked->contacts;
  found["turns"] = looked->turns;
  std::string all;
  for (const auto& each : looked->faults)
    all += (all.empty() ? "" : "; ") + each;
  return all.empty() ? engine::success() : status{damaged(all)};
}

status check_dump(const std::string& file, const backup_manifest& what) {
  const auto facts = postgres::read_dump(file, what.dumped_by);
  if (!facts)
    return facts.failure();
  if (facts->rows != what.facts.rows)
    return damaged("it does not hold what its manifest says");
  return engine::success();
}

status check_backup(const std::string& directory, json::object& found) {
  const auto what = read_manifest(directory);
  if (!what)
    return what.failure();
  found = shown(directory, *what);
  if (auto good = is_of_this_release(*what); !good)
    return good;
  if (auto good = check_sums(directory, *what); !good)
    return good;
  const auto file = directory + "/" + what->files.front().name;
  return what->is_embedded() ? check_embedded(file, *what, found)
                             : check_dump(file, *what);
}

int verify(const arguments& given) {
  json::object found{{"backup", given.text("DIRECTORY")}};
  const auto good = check_backup(given.text("DIRECTORY"), found);
  found["result"] = good ? "good" : "bad";
  if (!good)
    found["problem"] = good.failure().message;
  print_object(given, found);
  return good ? exit_success : report(good.failure());
}

// -- restore ----------------------------------------------------------------

status copy_back(const std::string& directory, const file_sum& what,
                 const std::string& to) {
  const auto copied = copy_file(directory + "/" + what.name, to);
  if (!copied)
    return copied.failure();
  return compare(*copied, what);
}

status restore_files(const std::string& directory, const backup_manifest& what,
                     const std::string& to) {
  auto target = sqlite::restored_directory::begin(to);
  if (!target)
    return target.failure();
  auto done = copy_back(directory, what.files.front(), target->file());
  const auto* key = what.find(key_copy);
  const auto key_file = to + "/" + key_copy;
  if (done && key != nullptr)
    done = copy_back(directory, *key, key_file);
  if (done)
    return target->finish();
  std::error_code none;
  std::filesystem::remove(target->file(), none);
  std::filesystem::remove(key_file, none);
  return done;
}

status restore_backup(const std::string& directory, const settings& to) {
  const auto what = read_manifest(directory);
  if (!what)
    return what.failure();
  if (what->is_embedded() != is_embedded(to))
    return invalid("backup_of_other_store",
                   what->is_embedded()
                     ? "the backup is of the embedded store: restore it into a "
                       "data directory, without store.url"
                     : "the backup is of a store in PostgreSQL: name an empty "
                       "database by store.url");
  if (auto good = is_of_this_release(*what); !good)
    return good;
  if (what->is_embedded())
    return restore_files(directory, *what, to.data_directory);
  if (auto good = check_sums(directory, *what); !good)
    return good;
  return postgres::restore_dump(to.store, directory + "/" + database_copy,
                                what->dumped_by);
}

int restore(const arguments& given) {
  const auto to = settings_of(given);
  if (!to)
    return report(to.failure());
  const auto directory = given.text("DIRECTORY");
  if (auto done = restore_backup(directory, *to); !done)
    return report(done.failure());
  print_object(given,
               json::object{{"restored", directory},
                            {"into", is_embedded(*to) ? to->data_directory
                                                      : "the database"}});
  return exit_success;
}

// Those that say which store it is.
std::vector<option> store_options() {
  std::vector<option> out;
  for (auto& each : setting_options())
    if (each.name == "--config" || each.name == "--data-dir"
        || each.name == "--store")
      out.push_back(std::move(each));
  out.push_back(output_option());
  return out;
}

} // namespace

command backup_command() {
  command creating{"create",
                   "Copy the store, also while a server runs on it, into a "
                   "new directory",
                   store_options()};
  creating.operands = {{"DIRECTORY", "is made; it must not be there"}};
  creating.examples
    = {"troupe backup create backups/monday --data-dir troupe-data"};
  creating.run = create;
  command verifying{"verify", "Say whether a backup is good"};
  verifying.options = {output_option()};
  verifying.operands = {{"DIRECTORY", "of the backup"}};
  verifying.examples = {"troupe backup verify backups/monday"};
  verifying.run = verify;
  command restoring{"restore",
                    "Make an empty data directory, or an empty database, what "
                    "the backup is of",
                    store_options()};
  restoring.operands = {{"DIRECTORY", "of the backup"}};
  restoring.examples
    = {"troupe backup restore backups/monday --data-dir restored-data"};
  restoring.run = restore;
  command out{"backup", "Copy what is stored, and go on from a copy"};
  out.subcommands
    = {std::move(creating), std::move(verifying), std::move(restoring)};
  return out;
}

} // namespace troupe::cli
