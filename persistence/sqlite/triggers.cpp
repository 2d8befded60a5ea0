// Triggers, and the contacts that they began something for.
#include "persistence/sqlite/reader.hpp"
#include "persistence/sqlite/writer.hpp"
#include "persistence/trigger_rows.hpp"

namespace troupe::persistence::sqlite {

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
  statement find{db_.get(), select("id_high=? AND id_low=?")};
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
  statement update{db_.get(), "UPDATE triggers SET status=?, ended_at=?,"
                              " reason=?, started_at=?, wish=?, next=?"
                              " WHERE id_high=? AND id_low=?"};
  const auto wish = wish_left(held, row.status);
  update.bind(static_cast<int>(row.status));
  bind_time(update, row.ended_at).bind(row.reason);
  bind_time(update, row.started_at)
    .bind(wish, number(row.next), row.id.high, row.id.low);
  row.changed = true;
  if (!update.run())
    return false;
  return engine::is_waiting(row.status)
         || sql_->delete_message
              .bind(due_of(row.workspace, held.due), row.id.high, row.id.low)
              .run();
}

bool writer::add_trigger(trigger_row& row) {
  if (row.key) {
    statement same{db_.get(), select("key_high=? AND key_low=?"
                                     " AND created_at>? AND workspace=?")};
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
  statement waiting{db_.get(), "SELECT count(*) FROM triggers"
                               " WHERE workspace=? AND status<=2"};
  if (!waiting.bind(number(row.workspace)).step())
    return false;
  if (static_cast<std::uint64_t>(waiting.integer(0))
      >= engine::waiting_triggers_max)
    return true; // unchanged: there is no room
  statement insert{db_.get(), "INSERT INTO triggers (" + columns
                                + ", key_high, key_low)"
                                  " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"};
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
  statement insert{db_.get(),
                   "INSERT INTO trigger_contacts VALUES (?,?,?,?,?,?,?)"
                   " ON CONFLICT DO UPDATE SET outcome=excluded.outcome,"
                   " ended_at=excluded.ended_at WHERE outcome=0"};
  return insert
    .bind(row.trigger.high, row.trigger.low, number(row.contact),
          number(row.turn), row.outcome ? static_cast<int>(*row.outcome) : 0,
          micros(row.ended_at), row.reason)
    .run();
}

// With the turn that a trigger's event became, or that it made of a contact.
bool writer::write_trigger(const commit_unit& unit, const turn_rows& turn,
                           position at) {
  if (turn.trigger)
    return sql_->insert_triggered
      .bind(turn.trigger->high, turn.trigger->low, number(unit.contact),
            number(at))
      .run();
  if (!turn.consumed || turn.kind == engine::turn_kind::inbox)
    return true;
  return sql_->begin_trigger
    .bind(number(at), micros(turn.at), turn.consumed->high, turn.consumed->low)
    .run();
}

engine::result<trigger_row> reader::trigger(workspace_id workspace,
                                            engine::inbox_id id) {
  statement find{db_.get(), select("id_high=? AND id_low=? AND workspace=?")};
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
  statement find{db_.get(),
                 "SELECT contact, turn, outcome, ended_at, reason"
                 " FROM trigger_contacts WHERE id_high=?1 AND id_low=?2"
                 " AND contact>?3 AND (?4=-1 OR outcome=?4)"
                 " ORDER BY contact LIMIT ?5"};
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
  statement count{db_.get(),
                  "SELECT outcome, count(*), max(ended_at)"
                  " FROM trigger_contacts WHERE id_high=? AND id_low=?"
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

} // namespace troupe::persistence::sqlite
