// What the parameters of an import ask for.
#pragma once

#include "http/doors/import/import_format.hpp"

#include <cstdint>
#include <string>

namespace troupe::http {

struct import_query {
  const import_format* format = &native_format();
  bool starts = false; // sequences, as if the events came just now
  bool dry_run = false;
  std::string source; // the file; empty: not said
  std::uint64_t first_line = 1;
};

/// @returns `query_parameter_invalid`, `query_parameter_unknown`, or what
/// parse_query() says
engine::result<import_query> read_import_query(std::string_view query);

} // namespace troupe::http
