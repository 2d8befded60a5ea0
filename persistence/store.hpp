// The seam between Troupe and a database. Behaviour is fixed by the contract
// tests (tests/persistence/contract/), which every store passes.
#pragma once

#include "persistence/erasure_rows.hpp"
#include "persistence/queries.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::persistence {

/// Read-only access on a connection of its own; one thread at a time. Sees
/// everything that was committed before the call.
class store_reader {
public:
  virtual ~store_reader() = default;

  /// The contact's state: its snapshot and the turns since. `not_found` when it
  /// has no turn, or was erased. One that was absorbed is as it was, and says
  /// by whom.
  virtual engine::result<loaded_contact> load(contact_id contact) = 0;

  /// Whom the contact is part of; 0: nobody, or there is no such contact.
  virtual engine::result<contact_id> merged_into(contact_id contact) = 0;

  /// One owner per identity asked for, in the same order; of those that are
  /// free, whether a contact that was erased had them.
  virtual engine::result<std::vector<engine::identity_owner>>
  resolve(workspace_id workspace, std::span<const engine::identity> asked) = 0;

  /// `not_found` when there is no such turn.
  virtual engine::result<engine::turn> turn_at(position turn) = 0;

  /// Turns of kind event and inbox that carry an event.
  virtual engine::result<turn_page> events(const event_query& query) = 0;

  /// The same after a position, oldest first. `next` is the last position that
  /// was looked at; `has_more`: there are turns behind it.
  /// @pre query.contact is empty, query.scanned_max is not 0
  virtual engine::result<turn_page> events_after(const event_query& query,
                                                 position after)
    = 0;

  /// 0 when there is none.
  virtual engine::result<position> newest_turn() = 0;

  /// All turns of a contact, newest first, `before` exclusive (0: newest).
  virtual engine::result<turn_page> turns(contact_id contact, position before,
                                          std::size_t limit)
    = 0;

  /// The same of a contact and all it absorbed.
  virtual engine::result<turn_page> timeline(contact_id contact,
                                             position before, std::size_t limit)
    = 0;

  /// Contacts that are part of no other, the newest first; `before` exclusive
  /// (0: from the newest).
  virtual engine::result<std::vector<contact_id>>
  newest_contacts(workspace_id workspace, contact_id before, std::size_t limit)
    = 0;

  /// Owners of identities whose keys begin with `prefix`, as keys go.
  virtual engine::result<std::vector<contact_id>>
  contacts_by_prefix(workspace_id workspace, engine::identity_kind kind,
                     std::string_view prefix, std::size_t limit)
    = 0;

  /// In order of (due, contact, run), without those that wait for a paused
  /// sequence and those of test workspaces; `after` is exclusive.
  virtual engine::result<std::vector<due_timer>>
  timers(timestamp until, const std::optional<due_timer>& after,
         std::size_t limit)
    = 0;

  /// In order of (due, id); `after` is exclusive.
  virtual engine::result<std::vector<inbox_row>>
  inbox(timestamp until, const std::optional<inbox_row>& after,
        std::size_t limit)
    = 0;

  /// The same of one test workspace, whose rows the two above leave out.
  virtual engine::result<std::vector<due_timer>>
  test_timers(workspace_id workspace, timestamp until, std::size_t limit) = 0;
  virtual engine::result<std::vector<inbox_row>>
  test_inbox(workspace_id workspace, timestamp until, std::size_t limit) = 0;

  /// Deliveries without an outcome, oldest first; `after` is exclusive.
  virtual engine::result<std::vector<delivery_key>>
  outbox(const delivery_key& after, std::size_t limit) = 0;

  /// Pending deliveries of a destination that are due, oldest due first.
  virtual engine::result<std::vector<due_delivery>>
  deliveries_due(destination_id destination, timestamp until, std::size_t limit)
    = 0;

  virtual engine::result<std::vector<attempt_row>>
  attempts(const delivery_key& key) = 0;

  /// `not_found` when there is no such delivery.
  virtual engine::result<delivery_row> delivery(const delivery_key& key) = 0;

  virtual engine::result<delivery_page> deliveries(const delivery_query& query)
    = 0;

  virtual engine::result<std::vector<workspace_row>> workspaces() = 0;
  virtual engine::result<std::vector<key_row>> keys() = 0;
  /// Every version of every sequence, oldest first.
  virtual engine::result<std::vector<sequence_row>> sequences() = 0;
  /// The JSON text of a version, or `not_found`.
  virtual engine::result<std::string> definition(sequence_id sequence,
                                                 std::uint32_t version)
    = 0;
  /// Where the live runs of a sequence rest.
  virtual engine::result<std::vector<node_count>>
  live_runs(sequence_id sequence) = 0;
  virtual engine::result<run_page> runs(const run_query& query) = 0;
  virtual engine::result<std::vector<destination_row>> destinations() = 0;
  /// Of those that had an attempt.
  virtual engine::result<std::vector<endpoint_health>>
  health(std::span<const destination_id> endpoints) = 0;

  /// Those that a person did something to, of all workspaces.
  virtual engine::result<std::vector<event_type_row>> described_event_types()
    = 0;
  /// In order of their ids; former names are left out, unless asked for by
  /// name.
  virtual engine::result<std::vector<event_type_row>>
  event_types(const event_type_query& query) = 0;

  /// Of all workspaces, in order of their ids.
  virtual engine::result<std::vector<template_row>> templates() = 0;

  /// Of all workspaces, in order of their ids.
  virtual engine::result<std::vector<segment_row>> segments() = 0;
  /// Who is in the segment, the newest first; `before` as newest_contacts().
  virtual engine::result<std::vector<contact_id>>
  segment_contacts(segment_id segment, contact_id before, std::size_t limit)
    = 0;
  virtual engine::result<std::uint64_t> segment_size(segment_id segment) = 0;
  virtual engine::result<std::uint64_t> contact_count(workspace_id workspace)
    = 0;
  /// The oldest one that goes on, of all workspaces.
  virtual engine::result<std::optional<job_row>> unfinished_job() = 0;
  /// Of all jobs; 0: there was none.
  virtual engine::result<std::uint64_t> newest_job() = 0;
  /// `not_found` when the workspace has no such job.
  virtual engine::result<job_row> job(workspace_id workspace,
                                      std::string_view text_id)
    = 0;
  /// Checklists and funnels of all workspaces, in order of their ids.
  virtual engine::result<std::vector<named_row>> named_definitions() = 0;

  virtual engine::result<std::vector<admin_row>>
  admin_rows(const admin_query& query) = 0;

  virtual engine::result<std::vector<rejected_row>>
  rejected_events(const rejected_query& query) = 0;

  /// `not_found` when the workspace has no such trigger.
  virtual engine::result<trigger_row> trigger(workspace_id workspace,
                                              engine::inbox_id id)
    = 0;
  /// In order of the contacts' ids.
  virtual engine::result<std::vector<trigger_contact_row>>
  trigger_contacts(const trigger_contact_query& query) = 0;
  /// How many came to what; not over yet: the last.
  virtual engine::result<engine::trigger_counts>
  trigger_counts_of(engine::inbox_id id) = 0;

  virtual engine::result<std::vector<erasure_row>>
  erasures(const erasure_query& query) = 0;

  /// Up to where add_statistics() has counted; 0: nothing.
  virtual engine::result<position> counted_until() = 0;
  /// What was counted of a type; a count of 0 when there is nothing.
  virtual engine::result<engine::event_statistics>
  statistics(workspace_id workspace, const std::string& type) = 0;
  /// Counts the events of the turns after a position, of all workspaces.
  /// @param rows_max ends the batch soon after it has that many rows
  virtual engine::result<engine::statistics_batch>
  count_after(position after, std::size_t turns_max, std::size_t rows_max) = 0;
};

/// What a commit fails with when nobody knows what became of it: it was made,
/// or will be, or never. To be answered, not to be tried again.
inline engine::error outcome_unknown(std::string why) {
  return {engine::errc::storage_unavailable,
          "outcome_unknown",
          "whether it is durable is not known; repeat the request, with its "
          "idempotency key if it has one: "
            + std::move(why),
          {}};
}

inline bool is_outcome_unknown(const engine::error& why) {
  return why.name == "outcome_unknown";
}

/// The one writer. All calls from one thread.
class store {
public:
  virtual ~store() = default;

  /// Commits all units and attempts in one durable transaction. A unit whose
  /// precondition fails is left out whole and its outcome says why; the others
  /// are committed.
  /// @returns one outcome per unit, or the error that undid everything, or
  /// outcome_unknown()
  virtual engine::result<std::vector<unit_outcome>>
  commit(std::span<const commit_unit> units,
         std::span<const attempt_row> attempts)
    = 0;

  /// A short piece of upkeep (checkpoint slice, purge of old keys), to be
  /// called between groups.
  /// @returns true when there is more to do soon
  virtual bool maintain(timestamp now) = 0;

  /// Deletes a block of turns that are older than their workspaces keep them.
  /// @returns true when there is more to do soon
  virtual bool forget_old(timestamp now) = 0;

  /// Whether there is something to write to; makes a connection again that was
  /// lost. Called about once a second, also when there is nothing to write.
  /// `store_taken`: another process writes there now, and this one never will.
  virtual engine::status reach() = 0;

  /// Whether somebody else changed definitions since this was asked last, or
  /// may have. Known once reach() has asked.
  virtual bool take_definition_changes() = 0;

  /// Adds or replaces rows (each by its id; 0 makes a new one) and notes the
  /// change, all in one durable transaction. A row of workspace 0 belongs to
  /// the workspace row before it.
  /// @returns the rows as stored
  virtual engine::result<std::vector<any_row>>
  put_all(std::vector<any_row> rows, std::optional<admin_row> note) = 0;

  /// Makes deliveries due again whatever came of them, their schedule begun
  /// anew, and notes it, in one durable transaction. Those without an attempt
  /// are due already and stay as they are.
  virtual engine::status make_due(std::span<const delivery_key> keys,
                                  timestamp due, const admin_row& note)
    = 0;

  /// Adds a batch to what was counted, and moves on to where it ends, in one
  /// durable transaction. Does nothing when that place is another one than
  /// where the batch begins.
  virtual engine::status add_statistics(const engine::statistics_batch& batch)
    = 0;

  /// Closes a contact and all it absorbed in one durable transaction: nobody
  /// finds it, nothing of it is decided any more. What its turns say goes with
  /// erase_more(). `conflict`: it is not as the wish says.
  virtual engine::status begin_erasure(const erasure_wish& wish) = 0;

  /// Goes on with the erasure that began first, for some milliseconds.
  virtual engine::result<erasing> erase_more(timestamp now) = 0;

  template <class Row>
  engine::result<Row> put(Row row) {
    auto stored = put_all({any_row{std::move(row)}}, std::nullopt);
    if (!stored)
      return stored.failure();
    return std::get<Row>(std::move(stored->front()));
  }

  /// Random, made with the store; spreads identities and seals ids.
  [[nodiscard]] virtual std::uint64_t seed() const = 0;

  /// 32 random bytes, made with the store; authenticates what clients bring
  /// back.
  [[nodiscard]] virtual std::string secret() const = 0;

  virtual engine::result<std::unique_ptr<store_reader>> open_reader() = 0;
};

} // namespace troupe::persistence
