#include "cli/first_start.hpp"

#include "engine/ids.hpp"
#include "http/authentication.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace troupe::cli {

namespace {

using engine::errc;
using engine::error;
using persistence::destination_kind;

constexpr std::string_view alphabet
  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t secret_length = 43; // 256 bits
constexpr std::uint32_t every_scope = 31;

void fill_random(void* into, std::size_t size) {
  if (getrandom(into, size, 0) != static_cast<ssize_t>(size))
    std::abort(); // at most 256 bytes are asked for: this cannot fail
}

std::string random_text(std::size_t length) {
  std::string out;
  while (out.size() < length) {
    std::array<unsigned char, 64> bytes{};
    fill_random(bytes.data(), bytes.size());
    for (const auto byte : bytes)
      // Only whole multiples of the alphabet, so that all are equally likely.
      if (byte < 4 * alphabet.size() && out.size() < length)
        out += alphabet[byte % alphabet.size()];
  }
  return out;
}

engine::status write_key_file(const std::string& path, const std::string& key) {
  const auto fault = [&path] {
    return error{errc::invalid_request,
                 "first_key_file",
                 "cannot write " + path + ": " + std::strerror(errno),
                 {}};
  };
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
  return store.put(
    persistence::workspace_row{{}, new_text_id("ws_"), "default"});
}

engine::status make_channels(persistence::store& store,
                             persistence::store_reader& reader,
                             engine::workspace_id workspace) {
  const auto known = reader.destinations();
  if (!known)
    return known.failure();
  if (!known->empty())
    return engine::success();
  for (const auto& [kind, key] :
       {std::pair{destination_kind::capture, "capture"},
        std::pair{destination_kind::step, "http"}}) {
    persistence::destination_row row;
    row.text_id = new_text_id("cha_");
    row.workspace = workspace;
    row.kind = kind;
    row.key = key;
    row.status = persistence::definition_status::active;
    row.settings = "{}";
    if (auto stored = store.put(std::move(row)); !stored)
      return stored.failure();
  }
  return engine::success();
}

} // namespace

std::string new_text_id(std::string_view prefix) {
  std::array<std::uint64_t, 2> random{};
  fill_random(random.data(), sizeof random);
  const auto now
    = std::chrono::floor<engine::duration>(std::chrono::system_clock::now());
  return std::string{prefix}
         + engine::ulid(now, static_cast<std::uint16_t>(random[0]), random[1]);
}

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
  const auto key = "tr_live_" + random_text(8 + secret_length);
  if (!key_file.empty())
    if (auto written = write_key_file(key_file, key); !written)
      return written.failure();
  persistence::key_row row;
  row.text_id = new_text_id("key_");
  row.workspace = workspace->id;
  row.prefix = key.substr(0, http::key_prefix_length);
  row.hash = http::hash_key(key);
  row.scopes = every_scope;
  if (auto stored = store.put(std::move(row)); !stored)
    return stored.failure();
  return key;
}

} // namespace troupe::cli
