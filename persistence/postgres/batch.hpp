// The rows of one set-based statement.
#pragma once

#include "persistence/postgres/connection.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace troupe::persistence::postgres {

class batch {
public:
  /// @param types a letter per parameter: integers, bytes or reals
  batch(std::string_view sql, std::string_view types) : sql_(sql) {
    for (const auto type : types)
      columns_.push_back(type == 'i'   ? column::of_integers()
                         : type == 'b' ? column::of_bytes()
                                       : column::of_reals());
  }

  /// Adds one row. @pre as many values as columns
  template <class... Ts>
  void add(const Ts&... values) {
    std::size_t next = 0;
    (columns_[next++].add(values), ...);
  }

  /// Adds the statement, unless there are no rows for it.
  void append_to(std::vector<request>& all) const {
    if (columns_.front().is_empty())
      return;
    request made{sql_, {}};
    for (const auto& each : columns_)
      made.with.add(each);
    all.push_back(std::move(made));
  }

private:
  std::string_view sql_;
  std::vector<column> columns_;
};

} // namespace troupe::persistence::postgres
