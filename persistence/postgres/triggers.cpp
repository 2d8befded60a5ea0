// Triggers, and the contacts that they began something for.
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"
#include "persistence/trigger_rows.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::trigger_kind;
using engine::trigger_status;

namespace {

constexpr auto key_span = std::chrono::hours{24};

const std::string columns
  = "workspace, kind, status, created_at, due, started_at, ended_at, turn,"
    " reason, wish, key_print, next, id_high, id_low";

std::string select(std::string_view where) {
  return "SELECT " + columns + " FROM triggers WHERE " + std::string{where};
}

std::optional<timestamp> time_or_none(statement& row, int column) {
  return row.is_null(column) ? std::nullopt
                             : std::optional{time_at(row, column)};
}

trigger_row trigger_of(statement& row) {
  trigger_row out;
  out.workspace = workspace_id{static_cast<std::uint32_t>(row.integer(0))};
  out.kind = static_cast<trigger_kind>(row.integer(1));
  out.status = static_cast<trigger_status>(row.integer(2));
  out.created_at = time_at(row, 3);
  out.due = time_at(row, 4);
  out.started_at = time_or_none(row, 5);
  out.ended_at = time_or_none(row, 6);
  out.turn = position{static_cast<std::uint64_t>(row.integer(7))};
  out.reason = row.text(8);
  out.wish = row.text(9);
  if (!row.is_null(10))
    out.key = {0, 0, static_cast<std::uint64_t>(row.integer(10))};
  out.next = contact_id{static_cast<std::uint64_t>(row.integer(11))};
  out.id = {static_cast<std::uint64_t>(row.integer(12)),
            static_cast<std::uint64_t>(row.integer(13))};
  return out;
}

statement& bind_time(statement& to, const std::optional<timestamp>& at) {
  return at ? to.bind(micros(*at)) : to.bind(nullptr);
}

} // namespace

// A trigger that waits goes on as the row says, any other stays as it is.
bool writer::save(trigger_row& row) {
  statement find{db_, select("id_high=$1 AND id_low=$2")};
  if (!find.bind(row.id.high, row.id.low).step())
    return !find.failed()
           && (row.status == trigger_status::cancelled || add_trigger(row));
  auto held = trigger_of(find);
  find.reset();
  const auto may_change = row.status == trigger_status::cancelled
                            ? held.status == trigger_status::scheduled
                            : engine::is_waiting(held.status);
  if (held.workspace != row.workspace || !may_change) {
    row = std::move(held);
    return true;
  }
  statement update{db_, "UPDATE triggers SET status=$1, ended_at=$2,"
                        " reason=$3, started_at=$4, wish=$5, next=$6"
                        " WHERE id_high=$7 AND id_low=$8"};
  const auto wish = wish_left(held, row.status);
  update.bind(static_cast<int>(row.status));
  bind_time(update, row.ended_at).bind(row.reason);
  bind_time(update, row.started_at)
    .bind(wish, number(row.next), row.id.high, row.id.low);
  row.changed = true;
  if (!update.run())
    return false;
  if (engine::is_waiting(row.status))
    return true;
  statement take{db_, "DELETE FROM inbox"
                      " WHERE due=$1 AND id_high=$2 AND id_low=$3"};
  return take
    .bind(due_of(tests_, row.workspace, held.due), row.id.high, row.id.low)
    .run();
}

bool writer::add_trigger(trigger_row& row) {
  if (row.key) {
    statement same{db_, select("key_high=$1 AND key_low=$2"
                               " AND created_at>$3 AND workspace=$4")};
    if (same
          .bind(row.key->key_high, row.key->key_low,
                micros(row.created_at - key_span), number(row.workspace))
          .step()) {
      row = trigger_of(same);
      return true;
    }
    if (same.failed())
      return false;
  }
  statement waiting{db_, "SELECT count(*) FROM triggers"
                         " WHERE workspace=$1 AND status<=2"};
  if (!waiting.bind(number(row.workspace)).step())
    return false;
  if (static_cast<std::uint64_t>(waiting.integer(0))
      >= engine::waiting_triggers_max)
    return true; // unchanged: there is no room
  statement insert{
    db_,
    "INSERT INTO triggers (" + columns
      + ", key_high, key_low)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)"};
  insert.bind(number(row.workspace), static_cast<int>(row.kind),
              static_cast<int>(row.status), micros(row.created_at),
              micros(row.due));
  bind_time(insert, row.started_at);
  bind_time(insert, row.ended_at).bind(number(row.turn), row.reason, row.wish);
  if (row.key)
    insert.bind(row.key->fingerprint);
  else
    insert.bind(nullptr);
  insert.bind(number(row.next), row.id.high, row.id.low);
  if (row.key)
    insert.bind(row.key->key_high, row.key->key_low);
  else
    insert.bind(nullptr, nullptr);
  row.changed = true;
  return insert.run() && write_message(inbox_row_of(row));
}

bool writer::save(const trigger_contact_row& row) {
  statement insert{
    db_, "INSERT INTO trigger_contacts AS t VALUES ($1,$2,$3,$4,$5,$6,$7)"
         " ON CONFLICT (id_high, id_low, contact)"
         " DO UPDATE SET outcome=excluded.outcome,"
         " ended_at=excluded.ended_at WHERE t.outcome=0"};
  return insert
    .bind(row.trigger.high, row.trigger.low, number(row.contact),
          number(row.turn), row.outcome ? static_cast<int>(*row.outcome) : 0,
          micros(row.ended_at), row.reason)
    .run();
}

engine::result<trigger_row> reader::trigger(workspace_id workspace,
                                            engine::inbox_id id) {
  statement find{db_, select("id_high=$1 AND id_low=$2 AND workspace=$3")};
  if (find.bind(id.high, id.low, number(workspace)).step())
    return trigger_of(find);
  if (find.failed())
    return db_.failure("read a trigger");
  return engine::error{engine::errc::not_found,
                       "trigger_not_found",
                       "there is no such trigger",
                       {}};
}

engine::result<std::vector<trigger_contact_row>>
reader::trigger_contacts(const trigger_contact_query& query) {
  statement find{db_, "SELECT contact, turn, outcome, ended_at, reason"
                      " FROM trigger_contacts WHERE id_high=$1 AND id_low=$2"
                      " AND contact>$3 AND ($4=-1 OR outcome=$4)"
                      " ORDER BY contact LIMIT $5"};
  // Ids are signed here.
  const auto after = query.after == contact_id{}
                       ? INT64_MIN
                       : static_cast<std::int64_t>(number(query.after));
  find.bind(query.trigger.high, query.trigger.low, after,
            query.unsettled ? 0
            : query.outcome ? static_cast<int>(*query.outcome)
                            : -1,
            query.limit);
  std::vector<trigger_contact_row> found;
  while (find.step()) {
    trigger_contact_row row;
    row.trigger = query.trigger;
    row.contact = contact_id{static_cast<std::uint64_t>(find.integer(0))};
    row.turn = position{static_cast<std::uint64_t>(find.integer(1))};
    if (find.integer(2) != 0)
      row.outcome = static_cast<engine::execution_status>(find.integer(2));
    row.ended_at = time_at(find, 3);
    row.reason = find.text(4);
    found.push_back(std::move(row));
  }
  if (find.failed())
    return db_.failure("read the contacts of a trigger");
  return found;
}

engine::result<engine::trigger_counts>
reader::trigger_counts_of(engine::inbox_id id) {
  statement count{db_, "SELECT outcome, count(*), max(ended_at)"
                       " FROM trigger_contacts WHERE id_high=$1 AND id_low=$2"
                       " GROUP BY outcome"};
  count.bind(id.high, id.low);
  engine::trigger_counts out;
  while (count.step()) {
    const auto contacts = static_cast<std::uint64_t>(count.integer(1));
    switch (static_cast<engine::execution_status>(count.integer(0))) {
      case engine::execution_status::processing:
        out.under_way = contacts;
        break;
      case engine::execution_status::sent:
        out.sent = contacts;
        break;
      case engine::execution_status::failed:
        out.failed = contacts;
        break;
      case engine::execution_status::filtered:
        out.filtered = contacts;
        break;
    }
    out.ended_at = std::max(out.ended_at, time_at(count, 2));
  }
  if (count.failed())
    return db_.failure("count the contacts of a trigger");
  return out;
}

} // namespace troupe::persistence::postgres
