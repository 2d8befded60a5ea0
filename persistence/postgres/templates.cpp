// Templates and their versions: every version is kept, only the newest is read.
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

result<std::vector<template_row>> reader::templates() {
  statement row{db_,
                "SELECT t.id, t.text_id, t.workspace, t.key, t.channel,"
                " t.archived, t.created_at, t.updated_at, v.version,"
                " v.created_at, CASE WHEN v.version = (SELECT max(version)"
                " FROM template_versions WHERE template=t.id)"
                " THEN v.parts ELSE '' END"
                " FROM templates t JOIN template_versions v ON v.template=t.id"
                " ORDER BY t.id, v.version"};
  std::vector<template_row> found;
  while (row.step()) {
    const auto id = static_cast<std::uint64_t>(row.integer(0));
    if (found.empty() || found.back().id != id) {
      auto& next = found.emplace_back();
      next.id = id;
      next.text_id = row.text(1);
      next.workspace = workspace_id{static_cast<std::uint32_t>(row.integer(2))};
      next.key = row.text(3);
      next.channel = row.text(4);
      next.archived = row.integer(5) != 0;
      next.created_at = time_at(row, 6);
      next.updated_at = time_at(row, 7);
    }
    auto& of = found.back();
    of.version = static_cast<std::uint32_t>(row.integer(8));
    of.versions.push_back({of.version, time_at(row, 9)});
    of.parts = row.text(10);
  }
  if (row.failed())
    return db_.failure("read the templates");
  return found;
}

bool writer::save(template_row& row) {
  statement insert{
    db_, "INSERT INTO templates (id, text_id, workspace, key, channel,"
         " archived, created_at, updated_at)"
         " VALUES ((SELECT coalesce(max(id), 0) + 1"
         " FROM templates), $1,$2,$3,$4,$5,$6,$7)"
         " ON CONFLICT (workspace, key)"
         " DO UPDATE SET channel=excluded.channel,"
         " archived=excluded.archived,"
         " updated_at=excluded.updated_at RETURNING id, text_id"};
  insert.bind(row.text_id, number(row.workspace), row.key, row.channel,
              row.archived ? 1 : 0, micros(row.created_at),
              micros(row.updated_at));
  if (!insert.step())
    return false;
  row.id = static_cast<std::uint64_t>(insert.integer(0));
  row.text_id = insert.text(1);
  insert.reset();
  if (row.version != 0)
    return true;
  statement version{db_, "INSERT INTO template_versions VALUES ($1,"
                         " (SELECT coalesce(max(version), 0) + 1"
                         "  FROM template_versions WHERE template=$1), $2, $3)"
                         " RETURNING version"};
  scoped_reset guard{version};
  version.bind(row.id, row.parts, micros(row.updated_at));
  if (!version.step())
    return false;
  row.version = static_cast<std::uint32_t>(version.integer(0));
  return true;
}

} // namespace troupe::persistence::postgres
