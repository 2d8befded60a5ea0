// The statements of a group, in one order of tables.
#include "persistence/postgres/commit_group.hpp"

namespace troupe::persistence::postgres {

using engine::number;

std::vector<request> commit_group::requests() const {
  std::vector<request> all;
  for (const auto& each : keys_)
    each.append_to(all);
  kept_keys_.append_to(all);
  append_identities(all);
  append_contacts(all);
  turns_.append_to(all);
  append_timers(all);
  append_messages(all);
  append_runs(all);
  append_merges(all);
  append_segments(all);
  outbox_.append_to(all);
  append_deliveries(all);
  for (const auto* each : {&triggered_, &begun_, &types_, &blocks_})
    each->append_to(all);
  return all;
}

// What a whole group makes of an identity is one change, or none.
void commit_group::append_identities(std::vector<request>& all) const {
  batch gone{"DELETE FROM identities USING unnest($1, $2, $3)"
             " AS a (workspace, kind, key)"
             " WHERE identities.workspace=a.workspace"
             " AND identities.kind=a.kind AND identities.key=a.key",
             "iib"};
  batch moved{
    "UPDATE identities SET contact=a.contact"
    " FROM unnest($1, $2, $3, $4) AS a (workspace, kind, key, contact)"
    " WHERE identities.workspace=a.workspace"
    " AND identities.kind=a.kind AND identities.key=a.key",
    "iibi"};
  batch made{"INSERT INTO identities SELECT * FROM unnest($1, $2, $3, $4)",
             "iibi"};
  for (const auto& [who, before] : owners_) {
    const auto after = known_.owners.at(who);
    if (after == before)
      continue;
    const auto& [workspace, kind, key] = who;
    if (after == contact_id{})
      gone.add(number(workspace), static_cast<int>(kind), key);
    else
      (before == contact_id{} ? made : moved)
        .add(number(workspace), static_cast<int>(kind), key, number(after));
  }
  for (const auto* each : {&gone, &moved, &made})
    each->append_to(all);
}

void commit_group::append_contacts(std::vector<request>& all) const {
  batch new_heads{"INSERT INTO heads SELECT * FROM unnest($1, $2, $3)", "iii"};
  // Divides by zero where a head is not where the facts say, and so ends the
  // transaction: two writers of one contact cannot both go on.
  batch moved_heads{"WITH moved AS (UPDATE heads h"
                    " SET pos=a.pos, contact_seq=a.seq"
                    " FROM unnest($1, $2, $3, $4, $5)"
                    " AS a (contact, pos, seq, pos_before, seq_before)"
                    " WHERE h.contact=a.contact AND h.pos=a.pos_before"
                    " AND h.contact_seq=a.seq_before RETURNING 1)"
                    " SELECT 1 / (count(*)=cardinality($1))::int FROM moved",
                    "iiiii"};
  for (const auto contact : new_heads_) {
    const auto& head = known_.heads.at(contact);
    new_heads.add(number(contact), number(head.last), head.seq);
  }
  for (const auto contact : moved_heads_) {
    if (new_heads_.contains(contact))
      continue;
    const auto& head = known_.heads.at(contact);
    const auto& before = heads_.at(contact);
    moved_heads.add(number(contact), number(head.last), head.seq,
                    number(before.last), before.seq);
  }
  batch made{"INSERT INTO contacts"
             " (contact, workspace, has_external, snapshot_seq)"
             " SELECT *, 0 FROM unnest($1, $2, $3)",
             "iii"};
  batch named{"UPDATE contacts SET has_external=1"
              " FROM unnest($1) AS a (contact)"
              " WHERE contacts.contact=a.contact AND has_external=0",
              "i"};
  batch kept{"UPDATE contacts SET state=a.state, snapshot_seq=a.seq"
             " FROM unnest($1, $2, $3) AS a (contact, seq, state)"
             " WHERE contacts.contact=a.contact",
             "iib"};
  for (const auto& [contact, change] : contacts_) {
    if (change.made_in != workspace_id{})
      made.add(number(contact), number(change.made_in),
               change.takes_external_id ? 1 : 0);
    else if (change.takes_external_id)
      named.add(number(contact));
    if (change.snapshot != nullptr)
      kept.add(number(contact), change.snapshot->seq,
               std::string_view{change.snapshot->state});
  }
  for (const auto* each : {&new_heads, &moved_heads, &made, &named, &kept})
    each->append_to(all);
}

batch insert_messages() {
  return {"INSERT INTO inbox SELECT * FROM"
          " unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
          " ON CONFLICT DO NOTHING",
          "iiiiiibbbbi"};
}

void commit_group::append_messages(std::vector<request>& all) const {
  batch taken{"DELETE FROM inbox USING unnest($1, $2, $3)"
              " AS a (due, id_high, id_low)"
              " WHERE inbox.due=a.due AND inbox.id_high=a.id_high"
              " AND inbox.id_low=a.id_low",
              "iii"};
  auto sent = insert_messages();
  for (const auto& [key, change] : messages_) {
    if (change.is_taken)
      taken.add(std::get<0>(key), std::get<1>(key), std::get<2>(key));
    if (change.sent != nullptr)
      add_message(sent, tests_, *change.sent);
  }
  taken.append_to(all);
  sent.append_to(all);
}

void commit_group::append_segments(std::vector<request>& all) const {
  batch entered{"INSERT INTO segment_contacts SELECT * FROM unnest($1, $2)"
                " ON CONFLICT DO NOTHING",
                "ii"};
  batch left{"DELETE FROM segment_contacts USING unnest($1, $2)"
             " AS a (contact, segment)"
             " WHERE segment_contacts.contact=a.contact"
             " AND segment_contacts.segment=a.segment",
             "ii"};
  for (const auto& [key, is_in] : segments_)
    (is_in ? entered : left).add(number(key.first), number(key.second));
  entered.append_to(all);
  left.append_to(all);
}

void commit_group::append_deliveries(std::vector<request>& all) const {
  batch begun{"DELETE FROM outbox USING unnest($1, $2, $3)"
              " AS a (destination, pos, ordinal)"
              " WHERE outbox.destination=a.destination AND outbox.pos=a.pos"
              " AND outbox.ordinal=a.ordinal",
              "iii"};
  batch saved{"INSERT INTO deliveries AS d SELECT *, 0"
              " FROM unnest($1, $2, $3, $4, $5, $6, $7)"
              " ON CONFLICT (destination, pos, ordinal) DO UPDATE"
              " SET status=excluded.status, attempts=excluded.attempts,"
              " next_attempt_at=excluded.next_attempt_at WHERE d.status <> 2",
              "iiiiiii"};
  for (const auto& [key, newest] : deliveries_) {
    begun.add(number(key.destination), number(key.turn), key.ordinal);
    const auto add = [&, &it = *newest, &of = key](auto next) {
      saved.add(number(of.destination), number(of.turn), of.ordinal,
                number(it.workspace), static_cast<int>(it.status), it.number,
                next);
    };
    if (newest->next_attempt_at)
      add(micros(*newest->next_attempt_at));
    else
      add(nullptr);
  }
  batch attempts{"INSERT INTO delivery_attempts"
                 " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)"
                 " ON CONFLICT (destination, pos, ordinal, number) DO UPDATE"
                 " SET at=excluded.at, status=excluded.status,"
                 " detail=excluded.detail",
                 "iiiiiib"};
  // An attempt is written a second time when nobody knew what came of the
  // first: the contact may have been told by then.
  batch told{"INSERT INTO inbox SELECT due, id_high, id_low, workspace, sender,"
             " kind, key, value, type, properties, hops"
             " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
             " $13, $14, $15) AS a (due, id_high, id_low, workspace, sender,"
             " kind, key, value, type, properties, hops,"
             " destination, pos, ordinal, number)"
             " WHERE NOT EXISTS (SELECT 1 FROM delivery_attempts t"
             " WHERE t.destination=a.destination AND t.pos=a.pos"
             " AND t.ordinal=a.ordinal AND t.number=a.number)"
             " ON CONFLICT DO NOTHING",
             "iiiiiibbbbiiiii"};
  for (const auto& [name, row] : attempts_)
    if (row->told)
      add_message(told, tests_, *row->told, number(row->key.destination),
                  number(row->key.turn), row->key.ordinal, row->number);
  for (const auto& [name, row] : attempts_)
    attempts.add(number(row->key.destination), number(row->key.turn),
                 row->key.ordinal, row->number, micros(row->at),
                 static_cast<int>(row->status), std::string_view{row->detail});
  batch health{
    "INSERT INTO endpoint_health AS h"
    " SELECT a.destination, a.last_at, a.last_status, a.failures,"
    " a.since FROM unnest($1, $2, $3, $4, $5, $6) AS a"
    " (destination, last_at, last_status, succeeded, failures, since)"
    " ON CONFLICT (destination) DO NOTHING",
    "iiiiii"};
  batch changed{
    "UPDATE endpoint_health h SET last_at=a.last_at,"
    " last_status=a.last_status,"
    " failures=a.failures"
    " + CASE a.succeeded WHEN 1 THEN 0 ELSE h.failures END,"
    " failing_since=CASE a.succeeded WHEN 1 THEN a.since"
    " ELSE coalesce(h.failing_since, a.since) END"
    " FROM unnest($1, $2, $3, $4, $5, $6) AS a"
    " (destination, last_at, last_status, succeeded, failures, since)"
    " WHERE h.destination=a.destination",
    "iiiiii"};
  for (const auto& [destination, what] : health_) {
    const auto add = [&, &it = what, of = destination](batch& to, auto since) {
      to.add(number(of), micros(it.last_at), it.last_status,
             it.succeeded ? 1 : 0, it.failures, since);
    };
    for (auto* to : {&changed, &health})
      if (what.failing_since)
        add(*to, micros(*what.failing_since));
      else
        add(*to, nullptr);
  }
  for (const auto* each : {&told, &begun, &attempts, &saved, &changed, &health})
    each->append_to(all);
}

} // namespace troupe::persistence::postgres
