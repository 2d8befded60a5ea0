// The store in PostgreSQL as `eraser` takes it.
#pragma once

#include "persistence/postgres/connection.hpp"

#include <string_view>

namespace troupe::persistence::postgres {

struct erasing_database {
  connection& db;

  [[nodiscard]] statement make(std::string_view sql) const {
    return {db, sql};
  }

  [[nodiscard]] std::int64_t changes() const {
    return db.changes();
  }

  static std::string_view bytes(std::string_view text) {
    return text;
  }
};

} // namespace troupe::persistence::postgres
