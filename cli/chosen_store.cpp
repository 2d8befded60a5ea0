#include "cli/chosen_store.hpp"

#include "actors/work.hpp"
#include "persistence/postgres/postgres_store.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <utility>

namespace troupe::cli {

namespace {

engine::result<chosen_store> open_embedded(const settings& from) {
  auto store = persistence::sqlite::open_store(from.data_directory,
                                               actors::system_time());
  if (!store)
    return store.failure();
  return chosen_store{
    std::move(*store), "sqlite", persistence::sqlite::library_version(), {}};
}

} // namespace

bool is_embedded(const settings& from) {
  return from.store.empty();
}

engine::result<chosen_store> open_chosen_store(const settings& from) {
  if (is_embedded(from))
    return open_embedded(from);
  auto server = persistence::postgres::describe_server(from.store);
  if (!server)
    return server.failure();
  auto store
    = persistence::postgres::open_store(from.store, actors::system_time());
  if (!store)
    return store.failure();
  return chosen_store{std::move(*store), "postgresql",
                      std::move(server->version), std::move(server->warnings)};
}

} // namespace troupe::cli
