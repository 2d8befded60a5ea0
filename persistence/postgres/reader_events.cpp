// Pages of turns, newest first: along the chain of one contact, or down the
// blocks of positions that hold the types asked for.
#include "persistence/postgres/commit_group.hpp"
#include "persistence/postgres/reader.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

// Turns are committed close to the order of their times; a block this much
// older than `since` ends a search.
constexpr auto clock_slack = std::chrono::hours{1};
constexpr int blocks_read_at_once = 64;
constexpr int turns_read_at_once = 128;   // of a block
constexpr std::size_t chunk_turns = 64;   // of a contact, read together
constexpr std::int64_t near_turns = 1024; // one of them tells the time

bool matches_type(const event_query& query, std::string_view type) {
  return query.types.empty()
         || std::any_of(query.types.begin(), query.types.end(),
                        [type](std::string_view wanted) {
                          if (!wanted.ends_with(".*"))
                            return type == wanted;
                          wanted.remove_suffix(1);
                          return type.size() > wanted.size()
                                 && type.starts_with(wanted);
                        });
}

bool matches(const event_query& query, const engine::turn& turn) {
  const auto is_wanted
    = turn.event
        ? query.with_events && engine::is_contact_event(turn.kind)
            && (query.with_platform
                || turn.event->from != engine::door::platform)
            && matches_type(query, turn.event->type)
        : turn.kind == engine::turn_kind::intervention
            && std::find(query.interventions.begin(), query.interventions.end(),
                         turn.intervened->what)
                 != query.interventions.end();
  return is_wanted && (!query.since || turn.stamp.at >= *query.since)
         && (!query.until || turn.stamp.at < *query.until)
         && (query.request_id.empty() || turn.request_id == query.request_id);
}

// Adds a match. @returns true when the page is full
bool add(turn_page& page, engine::turn turn, std::size_t limit) {
  if (page.turns.size() == limit) {
    page.has_more = true;
    return true;
  }
  page.turns.push_back(std::move(turn));
  return false;
}

} // namespace

result<turn_page> reader::events(const event_query& query) {
  return query.contact ? contact_events(query) : workspace_events(query);
}

// Stamps of one contact rise with its turns; of several they nearly do.
result<turn_page> reader::contact_events(const event_query& query) {
  const auto members = members_of(*query.contact, query.also);
  if (!members)
    return members.failure();
  const auto slack = members->size() == 1 ? engine::duration{} : clock_slack;
  turn_page page;
  auto before = query.before;
  // Every chunk finds its place in each chain again.
  const auto chunk_length = std::max(chunk_turns, 2 * members->size());
  for (std::size_t scanned = 0;; scanned += chunk_length) {
    if (query.scanned_max != 0 && scanned >= query.scanned_max) {
      page.has_more = true;
      page.next = before;
      return page;
    }
    auto chunk = walk(*members, before, chunk_length);
    if (!chunk)
      return chunk.failure();
    for (auto& turn : chunk->turns) {
      before = turn.stamp.turn;
      if (turn.workspace != query.workspace
          || (query.since && turn.stamp.at + slack < *query.since))
        return page;
      if (matches(query, turn) && add(page, std::move(turn), query.limit))
        return page;
    }
    if (!chunk->has_more)
      return page;
  }
}

// The next blocks downwards that hold any of the types, newest first. Of each
// type some are read; below the end of the shortest list nothing is known.
result<std::vector<std::int64_t>>
reader::blocks_before(const event_query& query, std::int64_t block) {
  std::vector<std::int64_t> found;
  std::int64_t known_from = 0;
  auto good = true;
  const auto read = [&](std::string_view from, std::string_view to) {
    scoped_reset reset{sql_.blocks};
    sql_.blocks.bind(number(query.workspace), from, to, block,
                     blocks_read_at_once);
    int count = 0;
    for (; sql_.blocks.step(); ++count)
      found.push_back(sql_.blocks.integer(0));
    if (count == blocks_read_at_once)
      known_from = std::max(known_from, found.back());
    good = good && !sql_.blocks.failed();
  };
  if (query.types.empty())
    read("", "");
  for (const std::string_view type : query.types) {
    if (type.ends_with(".*")) {
      auto last = std::string{type.substr(0, type.size() - 1)};
      last.back() = '/'; // the byte after '.'
      read(type.substr(0, type.size() - 1), last);
    } else {
      read(type, type);
    }
  }
  if (!good)
    return db_.failure("find the events");
  std::erase_if(found, [&](std::int64_t each) {
    return each < known_from;
  });
  std::sort(found.begin(), found.end(), std::greater<>{});
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

// A position from which on all turns of the workspace are later than `at`, as
// far as its positions are in the order of times; at most `bound`. Test
// workspaces have times of their own: theirs say nothing to others. The lowest
// such position, unless there are long stretches of turns without a time.
result<std::int64_t> reader::first_after(timestamp at, std::int64_t bound,
                                         workspace_id workspace) {
  const auto newest = newest_turn();
  if (!newest)
    return newest.failure();
  bound = std::min(bound, static_cast<std::int64_t>(number(*newest)) + 1);
  std::int64_t low = 1;
  while (low < bound) {
    const auto middle = low + (bound - low) / 2;
    const auto end = std::min(bound, middle + near_turns);
    auto& near = sql_.turn_near;
    scoped_reset reset{near};
    const auto found = near.bind(middle, end, number(workspace)).step();
    if (near.failed())
      return db_.failure("find a time");
    if (!found)
      low = end;
    else if (near.integer(1) > micros(at))
      bound = middle;
    else
      low = near.integer(0) + 1;
  }
  return bound;
}

result<turn_page> reader::workspace_events(const event_query& query) {
  turn_page page;
  const auto length = static_cast<std::int64_t>(block_length);
  auto bound = query.before == position{}
                 ? INT64_MAX
                 : static_cast<std::int64_t>(number(query.before));
  if (query.until) {
    const auto later
      = first_after(*query.until + clock_slack, bound, query.workspace);
    if (!later)
      return later.failure();
    bound = *later;
  }
  std::size_t scanned = 0;
  auto block = bound == INT64_MAX ? INT64_MAX : (bound - 1) / length;
  for (;;) {
    const auto blocks = blocks_before(query, block);
    if (!blocks)
      return blocks.failure();
    if (blocks->empty())
      return page;
    for (const auto next : *blocks) {
      auto newest = timestamp{};
      auto any = false;
      // A block is read in parts, downwards.
      for (auto end = std::min(bound, (next + 1) * length);
           end > next * length;) {
        auto& row = sql_.block_turns;
        scoped_reset reset{row};
        row.bind(next * length, end, number(query.workspace),
                 turns_read_at_once);
        int read = 0;
        for (; row.step(); ++read) {
          end = row.integer(0);
          auto turn = read_turn(row);
          if (!turn)
            return turn.failure();
          newest = std::max(newest, turn->stamp.at);
          any = true;
          if (query.scanned_max != 0 && scanned++ == query.scanned_max) {
            page.has_more = true;
            page.next = position{number(turn->stamp.turn) + 1};
            return page;
          }
          if (matches(query, *turn) && add(page, std::move(*turn), query.limit))
            return page;
        }
        if (row.failed())
          return db_.failure("read the events");
        if (read < turns_read_at_once)
          break;
      }
      if (any && query.since && newest + clock_slack < *query.since)
        return page;
      block = next - 1;
    }
  }
}

result<turn_page> reader::events_after(const event_query& query,
                                       position after) {
  turn_page page;
  page.next = after;
  std::size_t scanned = 0;
  auto& row = sql_.turns_after;
  scoped_reset reset{row};
  row.bind(number(after), query.scanned_max);
  while (row.step()) {
    ++scanned;
    const auto at = position{static_cast<std::uint64_t>(row.integer(0))};
    if (row.integer(1) == number(query.workspace)) {
      auto turn = read_turn(row);
      if (!turn)
        return turn.failure();
      if (matches(query, *turn)) {
        if (page.turns.size() == query.limit) {
          page.has_more = true;
          return page;
        }
        page.turns.push_back(std::move(*turn));
      }
    }
    page.next = at;
  }
  if (row.failed())
    return db_.failure("follow the events");
  page.has_more = scanned == query.scanned_max;
  return page;
}

result<position> reader::newest_turn() {
  scoped_reset reset{sql_.newest};
  if (!sql_.newest.step())
    return db_.failure("find the newest turn");
  return position{static_cast<std::uint64_t>(sql_.newest.integer(0))};
}

} // namespace troupe::persistence::postgres
