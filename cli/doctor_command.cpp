// `troupe doctor`: whether this machine, the configuration and the server are
// fit to work.
#include "cli/chosen_store.hpp"
#include "cli/client_command.hpp"
#include "cli/commands.hpp"
#include "cli/process_figures.hpp"
#include "cli/settings_load.hpp"
#include "cli/version.hpp"
#include "persistence/postgres/postgres_store.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::uint64_t free_bytes_min = 1'000'000'000;
constexpr std::uint64_t open_files_min = 4'096;
constexpr mode_t others = S_IRWXG | S_IRWXO;

class findings {
public:
  void good(std::string what, std::string found) {
    add(std::move(what), "good", std::move(found));
  }

  void warn(std::string what, std::string found) {
    add(std::move(what), "warning", std::move(found));
  }

  void bad(std::string what, std::string found) {
    add(std::move(what), "BAD", std::move(found));
    is_bad = true;
  }

  json::array rows;
  bool is_bad = false;

private:
  void add(std::string what, const char* verdict, std::string found) {
    rows.push_back({{"check", std::move(what)},
                    {"verdict", verdict},
                    {"found", std::move(found)}});
  }
};

void look_at_configuration(const loaded_settings& settings, findings& into) {
  for (const auto& each : settings.problems)
    into.bad("configuration", each);
  if (settings.problems.empty())
    into.good("configuration",
              settings.file.empty() ? "no file" : settings.file);
}

void look_at_data(const std::string& directory, findings& into) {
  struct stat about {};
  if (stat(directory.c_str(), &about) != 0) {
    into.warn("data directory", directory + " is not there yet");
    return;
  }
  if ((about.st_mode & others) != 0)
    into.bad("data directory",
             "others may look into " + directory + "; make its mode 0700");
  else if (access(directory.c_str(), R_OK | W_OK | X_OK) != 0)
    into.bad("data directory", "this user cannot write to " + directory);
  else
    into.good("data directory", directory);
  const auto disk = read_disk_figures(directory);
  const auto free = std::to_string(disk.free_bytes / 1'000'000) + " MB free";
  if (disk.free_bytes < free_bytes_min
      || disk.free_bytes < disk.total_bytes / 10)
    into.warn("disk", free);
  else
    into.good("disk", free);
}

void look_at_database(const std::string& url, findings& into) {
  const auto server = persistence::postgres::describe_server(url);
  if (!server) {
    into.bad("database", server.failure().message);
    return;
  }
  into.good("database", "PostgreSQL " + server->version
                          + ", which keeps what it has confirmed");
  for (const auto& each : server->warnings)
    into.warn("database", each);
}

void look_at_machine(findings& into) {
  const auto process = read_process_figures();
  const auto limit
    = std::to_string(process.open_files_max) + " file descriptors allowed";
  if (process.open_files_max < open_files_min)
    into.warn("limits", limit + "; 4,096 and more serve more connections");
  else
    into.good("limits", limit);
  into.good("versions", version_line() + ", SQLite "
                          + persistence::sqlite::library_version());
}

void look_at_server(const arguments& given, findings& into) {
  auto server = client::of(given);
  if (!server) {
    into.bad("key", server.failure().message);
    return;
  }
  const auto ready = server->ask("GET", "/readyz");
  if (!ready) {
    into.warn("server", ready.failure().message);
    return;
  }
  into.good("server", server->url() + " is ready");
  const auto events = server->ask("GET", "/v1/events?limit=1");
  if (events)
    into.good("key", "it may read events");
  else
    into.warn("key", events.failure().message);
}

int examine(const arguments& given) {
  findings found;
  const auto settings = load_settings(given, process_environment());
  look_at_configuration(settings, found);
  if (is_embedded(settings.values))
    look_at_data(settings.values.data_directory, found);
  else
    look_at_database(settings.values.store, found);
  look_at_machine(found);
  look_at_server(given, found);
  const std::vector<column> columns{
    {"CHECK", "/check"}, {"VERDICT", "/verdict"}, {"FOUND", "/found"}};
  print_list(given, found.rows, columns);
  return found.is_bad ? exit_failure : exit_success;
}

} // namespace

command doctor_command() {
  command out{"doctor",
              "Look whether machine, configuration and server are "
              "fit to work",
              setting_options()};
  add_client_options(out);
  out.examples = {"troupe doctor"};
  out.run = examine;
  return out;
}

} // namespace troupe::cli
