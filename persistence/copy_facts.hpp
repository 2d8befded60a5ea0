// What a copy of a store holds, counted: two copies of one moment have the
// same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::persistence {

struct table_rows {
  std::string table;
  std::uint64_t rows = 0;
  bool operator==(const table_rows&) const = default;
};

struct copy_facts {
  std::int64_t schema = 0;       // the last migration
  std::uint64_t newest_turn = 0; // 0: there is none
  std::vector<table_rows> rows;  // in order of their names
  bool operator==(const copy_facts&) const = default;
};

} // namespace troupe::persistence
