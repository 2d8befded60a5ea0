// What closing and erasing a contact have in common: statements of both
// stores, and the erasure's own row. Database: `make(sql)`, `changes()`,
// `bytes(text)`.
#pragma once

#include "persistence/erasure_rows.hpp"
#include "persistence/erasure_texts.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::persistence {

/// Parameters of a statement are numbered as they come first: so both stores
/// take them for the same.
template <class Database>
class erasing_work {
protected:
  explicit erasing_work(Database db) : db_{std::move(db)} {}

  template <class... Ts>
  bool run(std::string_view sql, const Ts&... values) {
    auto statement = db_.make(sql);
    return statement.bind(values...).run();
  }

  /// The same, and the rows it wrote count for a table.
  template <class... Ts>
  bool erase(const char* table, std::string_view sql, const Ts&... values) {
    if (!run(sql, values...))
      return false;
    if (const auto rows = db_.changes(); rows > 0)
      counts_[table] += static_cast<std::uint64_t>(rows);
    return true;
  }

  template <class... Ts>
  std::optional<std::vector<std::int64_t>> list(std::string_view sql,
                                                const Ts&... values) {
    auto statement = db_.make(sql);
    statement.bind(values...);
    std::vector<std::int64_t> found;
    while (statement.step())
      found.push_back(statement.integer(0));
    return statement.failed() ? std::nullopt : std::optional{std::move(found)};
  }

  bool keep_counts() {
    return run("UPDATE erasures SET counts=$1, touched=$2, rejected_seen=$3"
               " WHERE id=$4",
               text_of(counts_), text_of(touched_), rejected_seen_, id_);
  }

  Database db_;
  std::int64_t id_ = 0;
  std::int64_t workspace_ = 0;
  std::map<std::string, std::uint64_t> counts_;
  std::int64_t rejected_seen_ = 0;
  std::set<std::int64_t> touched_; // ranges of turns
};

} // namespace troupe::persistence
