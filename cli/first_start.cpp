#include "cli/first_start.hpp"

#include "actors/access_rows.hpp"
#include "cli/key_maker.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace troupe::cli {

namespace {

using engine::errc;
using engine::error;

// A store that is elsewhere has no data directory yet.
void make_directory_of(const std::string& path) {
  if (const auto end = path.rfind('/'); end != path.npos && end != 0)
    mkdir(path.substr(0, end).c_str(), 0700);
}

engine::status write_key_file(const std::string& path, const std::string& key) {
  const auto fault = [&path] {
    return error{errc::invalid_request,
                 "first_key_file",
                 "cannot write " + path + ": " + std::strerror(errno),
                 {}};
  };
  make_directory_of(path);
  const auto file = open(
    path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0)
    return fault();
  const auto line = key + "\n";
  const auto written = write(file, line.data(), line.size());
  const auto good = written == static_cast<ssize_t>(line.size())
                    && fchmod(file, 0600) == 0 && fsync(file) == 0;
  auto result = good ? engine::success() : engine::status{fault()};
  close(file);
  return result;
}

// A start that was cut off has made it already.
engine::result<persistence::workspace_row>
default_workspace(persistence::store& store,
                  persistence::store_reader& reader) {
  const auto known = reader.workspaces();
  if (!known)
    return known.failure();
  if (!known->empty())
    return known->front();
  persistence::workspace_row row;
  row.text_id = new_text_id("ws_");
  row.name = "default";
  row.created_at = actors::system_time();
  return store.put(std::move(row));
}

engine::status make_channels(persistence::store& store,
                             persistence::store_reader& reader,
                             engine::workspace_id workspace) {
  const auto known = reader.destinations();
  if (!known)
    return known.failure();
  if (!known->empty())
    return engine::success();
  for (auto& row : actors::first_channels()) {
    row.text_id = new_text_id("cha_");
    row.workspace = workspace;
    if (auto stored = store.put(std::move(row)); !stored)
      return stored.failure();
  }
  return engine::success();
}

} // namespace

engine::result<std::string> prepare_empty_store(persistence::store& store,
                                                const std::string& key_file) {
  auto reader = store.open_reader();
  if (!reader)
    return reader.failure();
  const auto keys = (*reader)->keys();
  if (!keys)
    return keys.failure();
  if (!keys->empty())
    return std::string{};
  const auto workspace = default_workspace(store, **reader);
  if (!workspace)
    return workspace.failure();
  if (auto made = make_channels(store, **reader, workspace->id); !made)
    return made.failure();
  const auto key = new_key(engine::key_kind::secret);
  if (!key_file.empty())
    if (auto written = write_key_file(key_file, key.text); !written)
      return written.failure();
  persistence::key_row row;
  row.text_id = new_text_id("key_");
  row.workspace = workspace->id;
  row.prefix = key.prefix;
  row.hash = key.hash;
  row.scopes = engine::every_scope;
  row.name = "first key";
  row.created_at = actors::system_time();
  if (auto stored = store.put(std::move(row)); !stored)
    return stored.failure();
  return key.text;
}

} // namespace troupe::cli
