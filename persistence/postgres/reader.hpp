// One read-only connection to the store in PostgreSQL. Every look-up is one
// statement, so that what it reads is of one moment.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"

#include <deque>
#include <memory>

namespace troupe::persistence::postgres {

class reader : public store_reader {
public:
  explicit reader(connection db);

  engine::result<loaded_contact> load(contact_id contact) override;
  engine::result<contact_id> merged_into(contact_id contact) override;
  engine::result<std::vector<engine::identity_owner>>
  resolve(workspace_id workspace,
          std::span<const engine::identity> asked) override;
  engine::result<engine::turn> turn_at(position turn) override;
  engine::result<turn_page> events(const event_query& query) override;
  engine::result<turn_page> events_after(const event_query& query,
                                         position after) override;
  engine::result<position> newest_turn() override;
  engine::result<turn_page> turns(contact_id contact, position before,
                                  std::size_t limit) override;
  engine::result<turn_page> timeline(contact_id contact, position before,
                                     std::size_t limit) override;
  engine::result<std::vector<contact_id>>
  newest_contacts(workspace_id workspace, contact_id before,
                  std::size_t limit) override;
  engine::result<std::vector<contact_id>>
  contacts_by_prefix(workspace_id workspace, engine::identity_kind kind,
                     std::string_view prefix, std::size_t limit) override;
  engine::result<std::vector<due_timer>>
  timers(timestamp until, const std::optional<due_timer>& after,
         std::size_t limit) override;
  engine::result<std::vector<inbox_row>>
  inbox(timestamp until, const std::optional<inbox_row>& after,
        std::size_t limit) override;
  engine::result<std::vector<due_timer>>
  test_timers(workspace_id workspace, timestamp until,
              std::size_t limit) override;
  engine::result<std::vector<inbox_row>> test_inbox(workspace_id workspace,
                                                    timestamp until,
                                                    std::size_t limit) override;
  engine::result<std::vector<delivery_key>> outbox(const delivery_key& after,
                                                   std::size_t limit) override;
  engine::result<std::vector<due_delivery>>
  deliveries_due(destination_id destination, timestamp until,
                 std::size_t limit) override;
  engine::result<std::vector<attempt_row>>
  attempts(const delivery_key& key) override;
  engine::result<delivery_row> delivery(const delivery_key& key) override;
  engine::result<delivery_page>
  deliveries(const delivery_query& query) override;
  engine::result<std::vector<workspace_row>> workspaces() override;
  engine::result<std::vector<key_row>> keys() override;
  engine::result<std::vector<sequence_row>> sequences() override;
  engine::result<std::string> definition(sequence_id sequence,
                                         std::uint32_t version) override;
  engine::result<std::vector<node_count>>
  live_runs(sequence_id sequence) override;
  engine::result<run_page> runs(const run_query& query) override;
  engine::result<std::vector<destination_row>> destinations() override;
  engine::result<std::vector<endpoint_health>>
  health(std::span<const destination_id> endpoints) override;
  engine::result<std::vector<event_type_row>> described_event_types() override;
  engine::result<std::vector<event_type_row>>
  event_types(const event_type_query& query) override;
  engine::result<std::vector<template_row>> templates() override;
  engine::result<std::vector<segment_row>> segments() override;
  engine::result<std::vector<contact_id>>
  segment_contacts(segment_id segment, contact_id before,
                   std::size_t limit) override;
  engine::result<std::uint64_t> segment_size(segment_id segment) override;
  engine::result<std::uint64_t> contact_count(workspace_id workspace) override;
  engine::result<std::optional<job_row>> unfinished_job() override;
  engine::result<std::uint64_t> newest_job() override;
  engine::result<job_row> job(workspace_id workspace,
                              std::string_view text_id) override;
  engine::result<std::vector<named_row>> named_definitions() override;
  engine::result<std::vector<admin_row>>
  admin_rows(const admin_query& query) override;
  engine::result<std::vector<rejected_row>>
  rejected_events(const rejected_query& query) override;
  engine::result<trigger_row> trigger(workspace_id workspace,
                                      engine::inbox_id id) override;
  engine::result<std::vector<trigger_contact_row>>
  trigger_contacts(const trigger_contact_query& query) override;
  engine::result<engine::trigger_counts>
  trigger_counts_of(engine::inbox_id id) override;
  engine::result<std::vector<erasure_row>>
  erasures(const erasure_query& query) override;
  engine::result<position> counted_until() override;
  engine::result<engine::event_statistics>
  statistics(workspace_id workspace, const std::string& type) override;
  engine::result<engine::statistics_batch>
  count_after(position after, std::size_t turns_max,
              std::size_t rows_max) override;

private:
  struct statements {
    explicit statements(connection& db);
    statement turn, contact, gone, merged, identities, tombstones, below, chain;
    statement block_turns, blocks, timers;
    statement inbox, test_timers, test_inbox, outbox, deliveries_due,
      deliveries, attempts;
    statement absorbed, admin_log, turn_time, turn_near, newest_contacts,
      prefix;
    statement turns_after, newest;
  };

  static engine::turn columns_of(statement& row);
  engine::result<engine::turn> read_turn(statement& row);
  /// Of a turn whose event alone is read.
  engine::result<engine::turn> read_event(statement& row);
  engine::result<std::vector<contact_id>>
  members_of(contact_id contact, const std::vector<contact_id>& also);
  /// Whether a turn of the contact that is not there was too old to be kept.
  bool is_gone(contact_id contact, std::int64_t at);
  /// Those nobody has, and who had them was erased.
  engine::status note_erased(workspace_id workspace,
                             std::vector<engine::identity_owner>& owners);
  engine::result<std::int64_t> newest_below(contact_id contact,
                                            std::int64_t bound);
  /// Turns of one contact, newest first, and where they go on.
  struct chain_part {
    contact_id of{};
    std::deque<engine::turn> turns;
    std::int64_t next = 0; // 0: nowhere

    [[nodiscard]] std::int64_t newest() const {
      return turns.empty() ? next
                           : static_cast<std::int64_t>(
                             engine::number(turns.front().stamp.turn));
    }
  };

  engine::status read_on(chain_part& part, std::size_t limit);
  engine::result<turn_page> walk(std::span<const contact_id> contacts,
                                 position before, std::size_t limit);
  engine::result<turn_page> contact_events(const event_query& query);
  engine::result<turn_page> workspace_events(const event_query& query);
  engine::result<std::vector<std::int64_t>>
  blocks_before(const event_query& query, std::int64_t block);
  engine::result<std::int64_t> first_after(timestamp at, std::int64_t bound,
                                           workspace_id workspace);
  engine::result<std::optional<timestamp>> time_of(position turn);
  template <class Row, class Fill>
  engine::result<std::vector<Row>> all(const char* sql, Fill fill) {
    statement row{db_, sql};
    std::vector<Row> found;
    while (row.step())
      found.push_back(fill(row));
    if (row.failed())
      return db_.failure("read the definitions");
    return found;
  }

  connection db_;
  statements sql_;
  std::string secret_; // of the installation, once it was needed
};

} // namespace troupe::persistence::postgres
