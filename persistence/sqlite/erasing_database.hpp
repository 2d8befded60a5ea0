// The embedded store as `eraser` takes it.
#pragma once

#include "persistence/sqlite/connection.hpp"

#include <string_view>

namespace troupe::persistence::sqlite {

struct erasing_database {
  connection& db;

  [[nodiscard]] statement make(std::string_view sql) const {
    return {db.get(), sql};
  }

  [[nodiscard]] std::int64_t changes() const {
    return db.changes();
  }

  /// Of a column that holds no text.
  static as_blob bytes(std::string_view text) {
    return {text};
  }
};

} // namespace troupe::persistence::sqlite
