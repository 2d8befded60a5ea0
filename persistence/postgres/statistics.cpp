// What events of a type say, counted behind the commits.
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

// What is there is updated; what is not is inserted where there is room.
const std::string new_values
  = "INSERT INTO value_statistics SELECT workspace, type, currency, count, sum"
    " FROM (SELECT a.*, row_number() OVER"
    " (PARTITION BY workspace, type ORDER BY currency) AS place"
    " FROM unnest($1, $2, $3, $4, $5) AS a"
    " (workspace, type, currency, count, sum)"
    " WHERE NOT EXISTS (SELECT 1 FROM value_statistics v"
    " WHERE v.workspace=a.workspace AND v.type=a.type"
    " AND v.currency=a.currency)) AS fresh"
    " WHERE place + (SELECT count(*) FROM value_statistics v"
    " WHERE v.workspace=fresh.workspace AND v.type=fresh.type) <= "
    + std::to_string(engine::counted_currencies_max);

const std::string new_properties
  = "INSERT INTO property_statistics SELECT workspace, type, name, types, count"
    " FROM (SELECT a.*, row_number() OVER"
    " (PARTITION BY workspace, type ORDER BY name) AS place"
    " FROM unnest($1, $2, $3, $4, $5) AS a"
    " (workspace, type, name, types, count)"
    " WHERE NOT EXISTS (SELECT 1 FROM property_statistics p"
    " WHERE p.workspace=a.workspace AND p.type=a.type"
    " AND p.name=a.name)) AS fresh"
    " WHERE place + (SELECT count(*) FROM property_statistics p"
    " WHERE p.workspace=fresh.workspace AND p.type=fresh.type) <= "
    + std::to_string(engine::counted_properties_max);

std::vector<request> rows_of(const engine::statistics_batch& counted) {
  batch types{"INSERT INTO type_statistics AS t"
              " SELECT * FROM unnest($1, $2, $3, $4, $5)"
              " ON CONFLICT (workspace, type) DO UPDATE"
              " SET count=t.count + excluded.count,"
              " first_at=least(t.first_at, excluded.first_at),"
              " last_at=greatest(t.last_at, excluded.last_at)",
              "ibiii"};
  batch values{"UPDATE value_statistics v SET count=v.count + a.count,"
               " sum=v.sum + a.sum FROM unnest($1, $2, $3, $4, $5)"
               " AS a (workspace, type, currency, count, sum)"
               " WHERE v.workspace=a.workspace AND v.type=a.type"
               " AND v.currency=a.currency",
               "ibbir"};
  batch fresh_values{new_values, "ibbir"};
  batch properties{"UPDATE property_statistics p SET types=p.types | a.types,"
                   " count=p.count + a.count FROM unnest($1, $2, $3, $4, $5)"
                   " AS a (workspace, type, name, types, count)"
                   " WHERE p.workspace=a.workspace AND p.type=a.type"
                   " AND p.name=a.name",
                   "ibbii"};
  batch fresh_properties{new_properties, "ibbii"};
  for (const auto& [of, what] : counted.types) {
    const auto workspace = number(of.first);
    const std::string_view type = of.second;
    types.add(workspace, type, what.count, micros(what.first_at),
              micros(what.last_at));
    for (const auto& [currency, value] : what.values)
      for (auto* to : {&fresh_values, &values})
        to->add(workspace, type, std::string_view{currency}, value.count,
                value.sum);
    for (const auto& [name, property] : what.properties)
      for (auto* to : {&fresh_properties, &properties})
        to->add(workspace, type, std::string_view{name}, property.types,
                property.count);
  }
  std::vector<request> all;
  for (const auto* each :
       {&types, &values, &fresh_values, &properties, &fresh_properties})
    each->append_to(all);
  return all;
}

} // namespace

engine::status writer::add_statistics(const engine::statistics_batch& batch) {
  if (auto there = ready(); !there)
    return there;
  lane_transaction tx{lane_};
  statement place{db_, "UPDATE statistics_place SET counted_until=$1"
                       " WHERE counted_until=$2"};
  auto good = static_cast<bool>(tx)
              && place.bind(number(batch.until), number(batch.after)).run();
  if (good && db_.changes() == 0)
    return engine::success(); // counted before
  good = good && db_.ask(rows_of(batch)) && tx.commit();
  if (!good)
    return db_.failure("count the events");
  return engine::success();
}

result<position> reader::counted_until() {
  statement row{db_, "SELECT counted_until FROM statistics_place"};
  if (!row.step())
    return db_.failure("find what was counted");
  return position{static_cast<std::uint64_t>(row.integer(0))};
}

result<engine::event_statistics> reader::statistics(workspace_id workspace,
                                                    const std::string& type) {
  engine::event_statistics found;
  statement one{db_, "SELECT count, first_at, last_at"
                     " FROM type_statistics"
                     " WHERE workspace=$1 AND type=$2"};
  if (one.bind(number(workspace), type).step()) {
    found.count = static_cast<std::uint64_t>(one.integer(0));
    found.first_at = time_at(one, 1);
    found.last_at = time_at(one, 2);
  }
  statement values{db_, "SELECT currency, count, sum"
                        " FROM value_statistics"
                        " WHERE workspace=$1 AND type=$2"};
  values.bind(number(workspace), type);
  while (values.step())
    found.values[std::string{values.text(0)}]
      = {static_cast<std::uint64_t>(values.integer(1)), values.real(2)};
  statement properties{db_, "SELECT name, types, count"
                            " FROM property_statistics"
                            " WHERE workspace=$1 AND type=$2"};
  properties.bind(number(workspace), type);
  while (properties.step())
    found.properties[std::string{properties.text(0)}]
      = {static_cast<std::uint32_t>(properties.integer(1)),
         static_cast<std::uint64_t>(properties.integer(2))};
  if (one.failed() || values.failed() || properties.failed())
    return db_.failure("read what was counted");
  return found;
}

result<engine::statistics_batch> reader::count_after(position after,
                                                     std::size_t turns_max,
                                                     std::size_t rows_max) {
  engine::statistics_batch batch;
  batch.after = after;
  batch.until = after;
  std::size_t turns = 0;
  std::size_t rows = 0;
  auto& row = sql_.turns_after;
  scoped_reset reset{row};
  row.bind(number(after), turns_max);
  while (rows < rows_max && row.step()) {
    ++turns;
    batch.until = position{static_cast<std::uint64_t>(row.integer(0))};
    const auto turn = read_event(row);
    // One that cannot be read is seen by those who show it; it counts nothing.
    if (!turn || !turn->event || !engine::is_contact_event(turn->kind))
      continue;
    auto& into = batch.types[{turn->workspace, turn->event->type}];
    const auto before = into.count == 0 ? 0 : into.rows();
    engine::count(into, *turn);
    rows += into.rows() - before;
  }
  if (row.failed())
    return db_.failure("count the events");
  batch.has_more = turns == turns_max || rows >= rows_max;
  return batch;
}

} // namespace troupe::persistence::postgres
