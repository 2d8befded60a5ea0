// Closes a contact that shall be erased, with all it absorbed, in SQL that both
// stores read.
#pragma once

#include "engine/erasure.hpp"
#include "persistence/erasing_work.hpp"

namespace troupe::persistence {

/// To be used inside a transaction; what fails is told by the database.
template <class Database>
class contact_closer : erasing_work<Database> {
public:
  enum class outcome { done, changed, failed };

  contact_closer(Database db, std::string_view secret)
    : erasing_work<Database>{std::move(db)}, secret_{secret} {}

  /// Closes the contact: nothing of it is decided any more, nobody finds it.
  /// `changed`: it is not as the wish says.
  outcome begin(const erasure_wish& wish) {
    {
      auto head = db_.make("SELECT h.pos FROM heads h JOIN contacts c"
                           " ON c.contact=h.contact WHERE h.contact=$1"
                           " AND h.pos=$2 AND h.contact_seq=$3"
                           " AND c.workspace=$4");
      if (!head
             .bind(engine::number(wish.contact), engine::number(wish.last_turn),
                   wish.seq, engine::number(wish.workspace))
             .step())
        return head.failed() ? outcome::failed : outcome::changed;
    }
    auto parts = list("SELECT contact FROM contacts WHERE merged_into=$1",
                      engine::number(wish.contact));
    if (!parts)
      return outcome::failed;
    parts->push_back(static_cast<std::int64_t>(engine::number(wish.contact)));
    return add_erasure(wish, *parts) && drop_inbox(wish) && drop_triggers(wish)
               && drop_identities(wish) && drop_timers(wish) && drop_runs(wish)
               && close(*parts) && keep_counts()
             ? outcome::done
             : outcome::failed;
  }

private:
  using work = erasing_work<Database>;
  using work::counts_;
  using work::db_;
  using work::erase;
  using work::id_;
  using work::keep_counts;
  using work::list;
  using work::run;
  using work::workspace_;

  bool add_erasure(const erasure_wish& wish,
                   const std::vector<std::int64_t>& parts) {
    workspace_ = static_cast<std::int64_t>(engine::number(wish.workspace));
    std::int64_t turns = 0;
    for (const auto part : parts) {
      const auto of = list("SELECT t.contact_seq FROM heads h JOIN turns t"
                           " ON t.pos=h.pos WHERE h.contact=$1",
                           part);
      if (!of)
        return false;
      turns += of->empty() ? 0 : of->front();
    }
    const auto names = text_of(names_of(wish.identities));
    {
      auto insert = db_.make(
        "INSERT INTO erasures (id, text_id, workspace, contact_hash, began_at,"
        " turns, counts, names, rejected_seen, touched)"
        " SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, '{}', $6, 0,"
        " '[]' FROM erasures RETURNING id");
      if (!insert
             .bind(wish.text_id, workspace_, wish.contact_hash,
                   wish.at.time_since_epoch().count(), turns, names)
             .step())
        return false;
      id_ = insert.integer(0);
    }
    for (const auto part : parts)
      if (!run("INSERT INTO erasure_chains SELECT $1, contact, pos FROM heads"
               " WHERE contact=$2",
               id_, part))
        return false;
    return true;
  }

  // What it has sent and what is meant for it: one pass over the inbox. Before
  // its identities go.
  bool drop_inbox(const erasure_wish& wish) {
    return erase("inbox",
                 "DELETE FROM inbox WHERE workspace=$1 AND (sender IN"
                 " (SELECT contact FROM erasure_chains WHERE erasure=$2)"
                 " OR (target_kind <> 0 AND EXISTS (SELECT 1 FROM identities i"
                 " WHERE i.workspace=inbox.workspace"
                 " AND i.kind=inbox.target_kind AND i.key=inbox.target_key"
                 " AND i.contact=$3)))",
                 workspace_, id_, engine::number(wish.contact));
  }

  // Those that wait for it alone are called off.
  bool drop_triggers(const erasure_wish& wish) {
    const auto parts = list("SELECT contact FROM erasure_chains"
                            " WHERE erasure=$1",
                            id_);
    if (!parts)
      return false;
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    {
      auto waiting = db_.make("SELECT id_high, id_low, wish FROM triggers"
                              " WHERE workspace=$1 AND status<=2");
      waiting.bind(workspace_);
      while (waiting.step())
        if (is_for(waiting.text(2), wish.identities, *parts))
          found.emplace_back(waiting.integer(0), waiting.integer(1));
      if (waiting.failed())
        return false;
    }
    for (const auto& [high, low] : found)
      if (!run("DELETE FROM inbox WHERE id_high=$1 AND id_low=$2 AND due IN"
               " (SELECT due FROM triggers WHERE id_high=$1 AND id_low=$2"
               " UNION ALL SELECT due + 1152921504606846976 FROM triggers"
               " WHERE id_high=$1 AND id_low=$2)",
               high, low)
          || !erase("triggers",
                    "UPDATE triggers SET status=6, ended_at=$1, wish='',"
                    " reason='contact_erased' WHERE id_high=$2 AND id_low=$3",
                    wish.at.time_since_epoch().count(), high, low))
        return false;
    return true;
  }

  bool drop_identities(const erasure_wish& wish) {
    for (const auto& who : wish.identities) {
      const auto hash = engine::tombstone_of(secret_, wish.workspace, who);
      if (!erase("identities",
                 "DELETE FROM identities WHERE workspace=$1 AND kind=$2"
                 " AND key=$3 AND contact=$4",
                 workspace_, static_cast<int>(who.kind), who.key,
                 engine::number(wish.contact))
          || !run("INSERT INTO tombstones VALUES ($1, $2, $3)"
                  " ON CONFLICT DO NOTHING",
                  workspace_, db_.bytes(hash), id_))
        return false;
    }
    return true;
  }

  bool drop_timers(const erasure_wish& wish) {
    for (const auto& what : wish.timers)
      if (const auto due = what.due.time_since_epoch().count(); !erase(
            "timers",
            "DELETE FROM timers WHERE due IN ($1, $1 + 1152921504606846976)"
            " AND contact=$2 AND run=$3 AND visit=$4",
            due, engine::number(wish.contact), what.run, what.visit))
        return false;
    return true;
  }

  // Those that have ended go with the turns that they began in.
  bool drop_runs(const erasure_wish& wish) {
    for (const auto& what : wish.runs)
      if (!erase("runs",
                 "DELETE FROM runs WHERE sequence=$1 AND started_turn=$2"
                 " AND ordinal=$3",
                 engine::number(what.sequence),
                 engine::number(what.started_turn), what.ordinal))
        return false;
    return true;
  }

  // No turn follows on number 0 of a contact that has a head; 0 is nobody.
  bool close(const std::vector<std::int64_t>& parts) {
    for (const auto part : parts)
      if (!run("UPDATE heads SET contact_seq=0 WHERE contact=$1", part)
          || !erase("contacts",
                    "UPDATE contacts SET merged_into=0, state=NULL,"
                    " snapshot_seq=0, has_external=0 WHERE contact=$1",
                    part)
          || !erase("segment_contacts",
                    "DELETE FROM segment_contacts WHERE contact=$1", part))
        return false;
    return true;
  }

  std::string secret_;
};

} // namespace troupe::persistence
