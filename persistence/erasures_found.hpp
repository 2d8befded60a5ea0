// Reads erasures, in SQL that both stores read.
#pragma once

#include "persistence/erasure_rows.hpp"
#include "persistence/erasure_texts.hpp"

#include <optional>
#include <vector>

namespace troupe::persistence {

/// @returns nothing on a failure
template <class Database>
std::optional<std::vector<erasure_row>>
erasures_found(Database db, const erasure_query& query) {
  auto row = db.make("SELECT id, text_id, contact_hash, began_at, finished_at,"
                     " turns, counts FROM erasures WHERE workspace=$1"
                     " AND id<$2 AND ($3='' OR text_id=$3)"
                     " ORDER BY id DESC LIMIT $4");
  row.bind(engine::number(query.workspace),
           query.before == 0 ? INT64_MAX
                             : static_cast<std::int64_t>(query.before),
           query.text_id, query.limit);
  const auto time = [](std::int64_t number) {
    return timestamp{engine::duration{number}};
  };
  std::vector<erasure_row> found;
  while (row.step()) {
    auto& out = found.emplace_back();
    out.id = static_cast<std::uint64_t>(row.integer(0));
    out.text_id = row.text(1);
    out.workspace = query.workspace;
    out.contact_hash = row.text(2);
    out.began_at = time(row.integer(3));
    if (!row.is_null(4))
      out.finished_at = time(row.integer(4));
    out.turns = static_cast<std::uint64_t>(row.integer(5));
    out.counts = counts_in(row.text(6));
  }
  return row.failed() ? std::nullopt : std::optional{std::move(found)};
}

} // namespace troupe::persistence
