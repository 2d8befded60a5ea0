// Deliveries: those due, those of one destination newest first, and what their
// attempts came to.
#include "persistence/postgres/reader.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

// Turns are committed close to the order of their times.
constexpr auto clock_slack = std::chrono::hours{1};
constexpr int rows_read_at_once = 64;

position turn_at_column(const statement& row, int column) {
  return position{static_cast<std::uint64_t>(row.integer(column))};
}

std::uint32_t small_at(const statement& row, int column) {
  return static_cast<std::uint32_t>(row.integer(column));
}

bool is_asked_for(const delivery_query& query, delivery_status status) {
  return query.statuses.empty()
         || std::find(query.statuses.begin(), query.statuses.end(), status)
              != query.statuses.end();
}

// Deliveries of a destination, newest first, some read at once.
class newest_deliveries {
public:
  newest_deliveries(statement& sql, const delivery_query& query,
                    std::int64_t before)
    : sql_(sql),
      destination_(query.destination),
      before_(before),
      ordinal_(query.before.ordinal),
      waiting_max_(
        is_asked_for(query, delivery_status::pending) ? rows_read_at_once : 0) {
    ask();
  }

  // Nothing at the end, or on an error.
  std::optional<delivery_row> next() {
    if (read_ == rows_read_at_once) {
      sql_.reset();
      ask();
    }
    if (!sql_.step())
      return std::nullopt;
    ++read_;
    before_ = sql_.integer(0);
    ordinal_ = small_at(sql_, 1);
    delivery_row row;
    row.key = {destination_, turn_at_column(sql_, 0), ordinal_};
    row.status = static_cast<delivery_status>(sql_.integer(2));
    row.attempts = small_at(sql_, 3);
    if (!sql_.is_null(4))
      row.next_attempt_at = time_at(sql_, 4);
    return row;
  }

private:
  void ask() {
    sql_.bind(number(destination_), before_, ordinal_, rows_read_at_once,
              waiting_max_);
    read_ = 0;
  }

  statement& sql_;
  destination_id destination_;
  std::int64_t before_;
  std::uint32_t ordinal_;
  int waiting_max_; // of those without an attempt
  int read_ = 0;
};

} // namespace

result<std::vector<delivery_key>> reader::outbox(const delivery_key& after,
                                                 std::size_t limit) {
  std::vector<delivery_key> found;
  auto& row = sql_.outbox;
  scoped_reset reset{row};
  row.bind(number(after.destination), number(after.turn), after.ordinal, limit);
  while (row.step())
    found.push_back(
      {after.destination, turn_at_column(row, 0), small_at(row, 1)});
  if (row.failed())
    return db_.failure("read the outbox");
  return found;
}

result<std::vector<due_delivery>>
reader::deliveries_due(destination_id destination, timestamp until,
                       std::size_t limit) {
  std::vector<due_delivery> found;
  auto& row = sql_.deliveries_due;
  scoped_reset reset{row};
  row.bind(number(destination), micros(until), limit);
  while (row.step())
    found.push_back({{destination, turn_at_column(row, 0), small_at(row, 1)},
                     small_at(row, 2),
                     time_at(row, 3),
                     small_at(row, 4)});
  if (row.failed())
    return db_.failure("read the deliveries");
  return found;
}

result<std::vector<attempt_row>> reader::attempts(const delivery_key& key) {
  std::vector<attempt_row> found;
  auto& row = sql_.attempts;
  scoped_reset reset{row};
  row.bind(number(key.destination), number(key.turn), key.ordinal);
  while (row.step())
    found.push_back({key,
                     {},
                     small_at(row, 0),
                     time_at(row, 1),
                     static_cast<delivery_status>(row.integer(2)),
                     std::nullopt,
                     std::string{row.text(3)}});
  if (row.failed())
    return db_.failure("read the attempts");
  return found;
}

result<delivery_row> reader::delivery(const delivery_key& key) {
  delivery_query query;
  query.destination = key.destination;
  query.before = {key.destination, key.turn, key.ordinal + 1};
  query.limit = 1;
  auto page = deliveries(query);
  if (!page)
    return page.failure();
  if (page->deliveries.empty() || page->deliveries.front().key != key)
    return engine::error{engine::errc::not_found,
                         "delivery_not_found",
                         "there is no such delivery",
                         {}};
  return page->deliveries.front();
}

// Nothing when the turn is not there any more.
result<std::optional<timestamp>> reader::time_of(position turn) {
  scoped_reset reset{sql_.turn_time};
  const auto found = sql_.turn_time.bind(number(turn)).step();
  if (sql_.turn_time.failed())
    return db_.failure("find a time");
  if (!found)
    return std::optional<timestamp>{};
  return std::optional{time_at(sql_.turn_time, 0)};
}

result<delivery_page> reader::deliveries(const delivery_query& query) {
  auto before = query.before.turn == position{}
                  ? INT64_MAX
                  : static_cast<std::int64_t>(number(query.before.turn));
  if (query.until) {
    statement owner{db_, "SELECT workspace FROM destinations WHERE id=$1"};
    workspace_id workspace{};
    if (owner.bind(number(query.destination)).step())
      workspace = workspace_id{static_cast<std::uint32_t>(owner.integer(0))};
    if (owner.failed())
      return db_.failure("find the destination");
    const auto later
      = first_after(*query.until + clock_slack, before, workspace);
    if (!later)
      return later.failure();
    before = *later;
  }
  scoped_reset reset{sql_.deliveries};
  newest_deliveries all{sql_.deliveries, query, before};
  delivery_page page;
  page.next = query.before;
  for (std::size_t scanned = 0;; ++scanned) {
    auto next = all.next();
    if (!next)
      break;
    page.has_more = page.deliveries.size() == query.limit
                    || (query.scanned_max != 0 && scanned == query.scanned_max);
    if (page.has_more)
      break;
    page.next = next->key;
    if (!is_asked_for(query, next->status))
      continue;
    if (query.since || query.until) {
      const auto at = time_of(next->key.turn);
      if (!at)
        return at.failure();
      if (query.since && *at && **at + clock_slack < *query.since)
        break;
      if (!*at || (query.since && **at < *query.since)
          || (query.until && **at >= *query.until))
        continue;
    }
    page.deliveries.push_back(std::move(*next));
  }
  if (sql_.deliveries.failed())
    return db_.failure("read the deliveries");
  return page;
}

} // namespace troupe::persistence::postgres
