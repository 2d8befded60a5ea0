// Where the floor program keeps its events: nowhere, in a log, or in SQLite.
// An error ends the program: it is a measure, not a server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::bench {

struct floor_contact {
  std::uint32_t number = 0;
  std::uint32_t events = 0;
  std::uint32_t step = 0;
};

struct floor_event {
  std::uint64_t number;
  std::int64_t at;
  const std::string& key;
  const std::string& external_id;
  std::string_view type;
  std::string_view metadata;
  floor_contact contact;
};

class storage {
public:
  storage() = default;
  storage(const storage&) = delete;
  storage& operator=(const storage&) = delete;
  virtual ~storage() = default;

  /// Takes one event; durable only after the next `commit`.
  virtual void add(const floor_event& event) = 0;
  virtual void commit() = 0;
};

/// @returns nothing when there is no such kind.
std::unique_ptr<storage> open_storage(std::string_view kind,
                                      const std::string& directory);

} // namespace troupe::bench
