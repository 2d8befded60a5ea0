// What events of a type say, counted behind the commits.
#include "persistence/sqlite/reader.hpp"
#include "persistence/sqlite/writer.hpp"

namespace troupe::persistence::sqlite {

using engine::number;
using engine::result;

namespace {

// Adds rows by updates, and by inserts where there is nothing to update and
// there is room.
class adder {
public:
  explicit adder(sqlite3* db)
    : type_(db, "INSERT INTO type_statistics VALUES (?,?,?,?,?)"
                " ON CONFLICT DO UPDATE SET count=count + excluded.count,"
                " first_at=min(first_at, excluded.first_at),"
                " last_at=max(last_at, excluded.last_at)"),
      value_(db, "UPDATE value_statistics SET count=count + ?4, sum=sum + ?5"
                 " WHERE workspace=?1 AND type=?2 AND currency=?3"),
      new_value_(db, "INSERT INTO value_statistics SELECT ?1, ?2, ?3, ?4, ?5"
                     " WHERE (SELECT count(*) FROM value_statistics"
                     " WHERE workspace=?1 AND type=?2) < ?6"),
      property_(db, "UPDATE property_statistics SET types=types | ?4,"
                    " count=count + ?5"
                    " WHERE workspace=?1 AND type=?2 AND name=?3"),
      new_property_(db, "INSERT INTO property_statistics"
                        " SELECT ?1, ?2, ?3, ?4, ?5"
                        " WHERE (SELECT count(*) FROM property_statistics"
                        " WHERE workspace=?1 AND type=?2) < ?6") {}

  bool add(connection& db, workspace_id workspace, const std::string& type,
           const engine::event_statistics& what) {
    auto good = type_
                  .bind(number(workspace), type, what.count,
                        micros(what.first_at), micros(what.last_at))
                  .run();
    for (const auto& [currency, value] : what.values) {
      good
        = good
          && value_
               .bind(number(workspace), type, currency, value.count, value.sum)
               .run();
      if (good && db.changes() == 0)
        good = new_value_
                 .bind(number(workspace), type, currency, value.count,
                       value.sum, engine::counted_currencies_max)
                 .run();
    }
    for (const auto& [name, property] : what.properties) {
      good = good
             && property_
                  .bind(number(workspace), type, name, property.types,
                        property.count)
                  .run();
      if (good && db.changes() == 0)
        good = new_property_
                 .bind(number(workspace), type, name, property.types,
                       property.count, engine::counted_properties_max)
                 .run();
    }
    return good;
  }

private:
  statement type_, value_, new_value_, property_, new_property_;
};

} // namespace

engine::status writer::add_statistics(const engine::statistics_batch& batch) {
  transaction tx{db_};
  statement place{db_.get(), "UPDATE statistics_place SET counted_until=?"
                             " WHERE counted_until=?"};
  auto good = static_cast<bool>(tx)
              && place.bind(number(batch.until), number(batch.after)).run();
  if (good && db_.changes() == 0)
    return engine::success(); // counted before
  adder rows{db_.get()};
  for (const auto& [of, what] : batch.types)
    good = good && rows.add(db_, of.first, of.second, what);
  if (!good || !tx.commit())
    return db_.failure("count the events");
  return engine::success();
}

result<position> reader::counted_until() {
  statement row{db_.get(), "SELECT counted_until FROM statistics_place"};
  if (!row.step())
    return db_.failure("find what was counted");
  return position{static_cast<std::uint64_t>(row.integer(0))};
}

result<engine::event_statistics> reader::statistics(workspace_id workspace,
                                                    const std::string& type) {
  engine::event_statistics found;
  statement one{db_.get(), "SELECT count, first_at, last_at"
                           " FROM type_statistics"
                           " WHERE workspace=? AND type=?"};
  if (one.bind(number(workspace), type).step()) {
    found.count = static_cast<std::uint64_t>(one.integer(0));
    found.first_at = time_at(one, 1);
    found.last_at = time_at(one, 2);
  }
  statement values{db_.get(), "SELECT currency, count, sum"
                              " FROM value_statistics"
                              " WHERE workspace=? AND type=?"};
  values.bind(number(workspace), type);
  while (values.step())
    found.values[std::string{values.text(0)}]
      = {static_cast<std::uint64_t>(values.integer(1)), values.real(2)};
  statement properties{db_.get(), "SELECT name, types, count"
                                  " FROM property_statistics"
                                  " WHERE workspace=? AND type=?"};
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

} // namespace troupe::persistence::sqlite
