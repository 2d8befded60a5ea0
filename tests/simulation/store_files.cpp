#include "tests/simulation/store_files.hpp"

#include "persistence/sqlite/connection.hpp"
#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/simulation/definitions.hpp"
#include "tests/simulation/server.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

namespace troupe::simulation {

namespace {

namespace fs = std::filesystem;

template <class T>
T got(engine::result<T> from) {
  if (!from)
    throw std::runtime_error{from.failure().message};
  return std::move(*from);
}

void copy_store(const std::string& from, const std::string& to) {
  fs::create_directories(to);
  for (const auto* name : {"troupe.db", "troupe.db-wal", "troupe.db-shm"}) {
    const auto source = fs::path{from} / name;
    const auto target = fs::path{to} / name;
    fs::remove(target);
    if (fs::exists(source) && !source.string().ends_with("-shm"))
      fs::copy_file(source, target);
  }
}

persistence::destination_row channel(engine::workspace_id workspace,
                                     persistence::destination_kind kind,
                                     const std::string& key) {
  persistence::destination_row row;
  row.text_id = "cha_" + key;
  row.workspace = workspace;
  row.kind = kind;
  row.key = key;
  row.status = persistence::definition_status::active;
  row.settings = "{}";
  return row;
}

} // namespace

store_files::store_files() {
  const fs::path memory{"/dev/shm"};
  auto pattern = ((fs::exists(memory) ? memory : fs::temp_directory_path())
                  / "troupe-simulation-XXXXXX")
                   .string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"no directory for the store"};
  root_ = pattern;
  make_definitions();
  copy_store(directory(), root_ + "/made");
}

store_files::~store_files() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void store_files::begin_anew() const {
  copy_store(root_ + "/made", directory());
}

void store_files::keep() const {
  copy_store(directory(), root_ + "/kept");
}

void store_files::put_back() const {
  if (fs::exists(root_ + "/kept"))
    copy_store(root_ + "/kept", directory());
}

void store_files::make_definitions() const {
  timeline time;
  dice from{1};
  const fault_plan nothing;
  // The seed of an installation is random, which no run may be.
  got(persistence::sqlite::open_store(directory(), time.now()));
  {
    auto db = got(persistence::sqlite::connection::open(
      file(), persistence::sqlite::access::write));
    db.execute("UPDATE installation SET seed=4711");
  }
  std::shared_ptr<persistence::store> store
    = got(persistence::sqlite::open_store(directory(), time.now()));
  persistence::workspace_row workspace;
  workspace.text_id = "ws_simulated";
  workspace.name = "simulated";
  workspace.created_at = time.now();
  workspace = got(store->put(workspace));
  got(store->put(
    channel(workspace.id, persistence::destination_kind::capture, "capture")));
  got(store->put(
    channel(workspace.id, persistence::destination_kind::step, "http")));
  server maker{time, from, nothing, {store, {}, 400}};
  for (const auto& [what, text] : definitions) {
    messages::definition_change wish;
    wish.what = what;
    wish.workspace = workspace.id;
    wish.body = test::json(text);
    std::optional<messages::definition_changed> changed;
    maker.define(std::move(wish), [&changed](auto answer) {
      changed = std::move(answer);
    });
    while (!changed)
      if (!maker.serve_one())
        time.advance(maker.next().value());
    if (changed->failure)
      throw std::runtime_error{changed->failure->message + " "
                               + changed->failure->pointer};
  }
}

} // namespace troupe::simulation
