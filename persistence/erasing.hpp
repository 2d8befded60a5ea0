// Erases contacts that are closed, in place, in SQL that both stores read:
// their turns lose what they said, a slice a transaction, newest first. One
// that is empty waits for the bytes that were freed to be cleaned, and holds up
// no other. What is left to do is in the store: it goes on after a restart.
#pragma once

#include "engine/erasure.hpp"
#include "engine/name_search.hpp"
#include "persistence/codec.hpp"
#include "persistence/erasing_work.hpp"

#include <chrono>

namespace troupe::persistence {

/// To be used inside a transaction; what fails is told by the database.
template <class Database>
class eraser : erasing_work<Database> {
public:
  explicit eraser(Database db) : erasing_work<Database>{std::move(db)} {}

  /// @returns whether one is not empty yet; nothing on a failure
  std::optional<bool> find() {
    auto row
      = db_.make("SELECT id, workspace, counts, names, rejected_seen,"
                 " touched, began_at FROM erasures WHERE finished_at IS NULL"
                 " AND is_emptied=0 ORDER BY id LIMIT 1");
    if (!row.step())
      return row.failed() ? std::nullopt : std::optional{false};
    id_ = row.integer(0);
    workspace_ = row.integer(1);
    counts_ = counts_in(row.text(2));
    names_ = texts_in(row.text(3));
    rejected_seen_ = row.integer(4);
    touched_ = numbers_in(row.text(5));
    began_at_ = row.integer(6);
    return true;
  }

  /// One slice of what find() found. @returns whether it was done
  bool slice(std::size_t turns_max) {
    auto chain = db_.make("SELECT contact, next FROM erasure_chains"
                          " WHERE erasure=$1 AND next<>0 LIMIT 1");
    if (chain.bind(id_).step()) {
      const auto contact = chain.integer(0);
      const auto from = chain.integer(1);
      chain.reset();
      return erase_turns(contact, from, turns_max) && keep_counts();
    }
    if (chain.failed())
      return false;
    const auto more = erase_rejected();
    return more && keep_counts()
           && (*more
               || run("UPDATE erasures SET is_emptied=1, names=''"
                      " WHERE id=$1",
                      id_));
  }

  /// @returns nothing on a failure
  std::optional<emptied_erasures> find_emptied() {
    emptied_erasures found;
    auto row = db_.make("SELECT id, touched FROM erasures"
                        " WHERE finished_at IS NULL AND is_emptied=1"
                        " ORDER BY id");
    while (row.step()) {
      found.last = row.integer(0);
      found.touched.merge(numbers_in(row.text(1)));
    }
    return row.failed() ? std::nullopt : std::optional{std::move(found)};
  }

  /// Those up to `last`. What a call said that ended after its contact was
  /// closed is in the inbox and goes too.
  bool finish(std::int64_t last, timestamp now) {
    return run("DELETE FROM inbox WHERE sender IN (SELECT contact"
               " FROM erasure_chains WHERE erasure<=$1)",
               last)
           && run("DELETE FROM erasure_chains WHERE erasure<=$1", last)
           && run("UPDATE erasures SET finished_at=$1, touched=''"
                  " WHERE finished_at IS NULL AND id<=$2",
                  now.time_since_epoch().count(), last);
  }

private:
  using work = erasing_work<Database>;
  using work::counts_;
  using work::db_;
  using work::erase;
  using work::id_;
  using work::keep_counts;
  using work::list;
  using work::rejected_seen_;
  using work::run;
  using work::touched_;
  using work::workspace_;

  bool erase_turns(std::int64_t contact, std::int64_t from,
                   std::size_t turns_max) {
    using clock = std::chrono::steady_clock;
    // Others wait to commit meanwhile.
    const auto until = clock::now() + std::chrono::milliseconds{10};
    auto at = from;
    for (std::size_t i = 0;
         at != 0 && (i == 0 || (i < turns_max && clock::now() < until)); ++i) {
      engine::turn was;
      std::int64_t previous = 0;
      {
        auto row = db_.make("SELECT contact_seq, previous, kind, at, payload"
                            " FROM turns WHERE pos=$1");
        if (!row.bind(at).step()) {
          if (row.failed())
            return false;
          at = 0; // it was too old to be kept, and so are those before
          break;
        }
        was.workspace = workspace_id{static_cast<std::uint32_t>(workspace_)};
        was.contact = contact_id{static_cast<std::uint64_t>(contact)};
        was.stamp.turn = position{static_cast<std::uint64_t>(at)};
        was.stamp.seq = static_cast<std::uint64_t>(row.integer(0));
        was.stamp.at = timestamp{engine::duration{row.integer(3)}};
        was.kind = static_cast<engine::turn_kind>(row.integer(2));
        previous = row.integer(1);
        // One that cannot be read has no deliveries that can be made.
        if (auto read = decode_turn(was, row.text(4)))
          was = std::move(*read);
      }
      if (!erase_turn(was, at))
        return false;
      at = previous;
    }
    return run("UPDATE erasure_chains SET next=$1 WHERE erasure=$2"
               " AND contact=$3",
               at, id_, contact);
  }

  bool erase_turn(const engine::turn& was, std::int64_t at) {
    const auto left = encode_turn(engine::erased_form(was));
    if (!erase("turns", "UPDATE turns SET kind=8, payload=$1 WHERE pos=$2",
               db_.bytes(left), at))
      return false;
    touched_.insert(at >> turn_range_bits);
    for (const auto destination : was.matched)
      if (!erase_delivery(engine::number(destination), at, 0))
        return false;
    int ordinal = 0;
    for (const auto& sent : was.sends)
      if (!erase_delivery(engine::number(sent.destination), at, ++ordinal))
        return false;
    for (const auto& what : was.changes)
      if (const auto* started = std::get_if<engine::run_started>(&what);
          started != nullptr
          && !erase("runs",
                    "DELETE FROM runs WHERE sequence=$1 AND started_turn=$2"
                    " AND ordinal=$3",
                    engine::number(started->sequence), at, started->ordinal))
        return false;
    return was.kind != engine::turn_kind::merge
           || erase("merges", "DELETE FROM merges WHERE pos=$1", at);
  }

  // One that was not made, or could be made again, is not made any more.
  bool erase_delivery(std::uint32_t destination, std::int64_t at, int ordinal) {
    if (!erase("delivery_attempts",
               "UPDATE delivery_attempts SET detail=$1 WHERE destination=$2"
               " AND pos=$3 AND ordinal=$4",
               erased_detail, destination, at, ordinal)
        || !erase("outbox",
                  "DELETE FROM outbox WHERE destination=$1 AND pos=$2"
                  " AND ordinal=$3",
                  destination, at, ordinal))
      return false;
    if (db_.changes() > 0
        && !run("INSERT INTO deliveries (destination, pos, ordinal, workspace,"
                " status, attempts) VALUES ($1, $2, $3, $4, 1, 0)"
                " ON CONFLICT DO NOTHING",
                destination, at, ordinal, workspace_))
      return false;
    const auto open = list("SELECT attempts FROM deliveries"
                           " WHERE destination=$1 AND pos=$2 AND ordinal=$3"
                           " AND status NOT IN (2, 5)",
                           destination, at, ordinal);
    if (!open || open->empty())
      return open.has_value();
    return erase("deliveries",
                 "UPDATE deliveries SET status=5, attempts=attempts + 1,"
                 " next_attempt_at=NULL WHERE destination=$1 AND pos=$2"
                 " AND ordinal=$3",
                 destination, at, ordinal)
           && run("INSERT INTO delivery_attempts VALUES ($1, $2, $3, $4, $5, 5,"
                  " $6)",
                  destination, at, ordinal, open->front() + 1, began_at_,
                  erased_detail);
  }

  /// @returns whether there may be more; nothing on a failure
  std::optional<bool> erase_rejected() {
    const engine::name_search search{names_};
    if (!search.has_names())
      return false;
    std::vector<std::int64_t> found;
    auto seen = 0;
    {
      auto row = db_.make("SELECT number, type, message, body"
                          " FROM rejected_events WHERE workspace=$1"
                          " AND number>$2 ORDER BY number LIMIT 100");
      row.bind(workspace_, rejected_seen_);
      for (; row.step(); ++seen) {
        rejected_seen_ = row.integer(0);
        if (search.is_in_text(row.text(1)) || search.is_in_text(row.text(2))
            || search.is_in_body(row.text(3)))
          found.push_back(rejected_seen_);
      }
      if (row.failed())
        return std::nullopt;
    }
    for (const auto number : found)
      if (!erase("rejected_events",
                 "DELETE FROM rejected_events WHERE workspace=$1"
                 " AND number=$2",
                 workspace_, number))
        return std::nullopt;
    return seen != 0;
  }

  static constexpr std::string_view erased_detail
    = R"({"error":"contact_erased"})";
  static constexpr int turn_range_bits = 22;

  std::vector<std::string> names_;
  std::int64_t began_at_ = 0;
};

} // namespace troupe::persistence
