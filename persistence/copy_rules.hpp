// What the tables of a copy say of each other, in SQL that both stores read.
#pragma once

namespace troupe::persistence {

struct copy_rule {
  const char* fault;
  const char* breaches; // a statement that counts them
};

// Contact 0 is nobody: its turns are notices, which nothing links. What is
// before `gone_before` may be gone.
inline constexpr copy_rule copy_rules[] = {
  {"turns do not follow the one before them",
   "SELECT count(*) FROM turns t LEFT JOIN turns p ON p.pos=t.previous"
   " LEFT JOIN retention r ON r.workspace=t.workspace"
   " WHERE t.contact <> 0 AND CASE WHEN t.contact_seq=1 THEN t.previous <> 0"
   " WHEN p.pos IS NULL THEN t.previous >= coalesce(r.gone_before, 0)"
   " ELSE p.contact <> t.contact"
   " OR p.contact_seq <> t.contact_seq - 1 END"},
  {"heads are not the newest turn of their contact",
   "SELECT count(*) FROM heads h LEFT JOIN turns t ON t.pos=h.pos"
   " LEFT JOIN contacts c ON c.contact=h.contact"
   " LEFT JOIN retention r ON r.workspace=c.workspace"
   " WHERE (t.pos IS NULL AND h.pos >= coalesce(r.gone_before, 0))"
   " OR t.contact <> h.contact OR c.contact IS NULL"
   " OR CASE WHEN c.merged_into IS NULL THEN t.contact_seq <> h.contact_seq"
   " ELSE h.contact_seq <> 0 END"},
  {"turns belong to no head",
   "SELECT (SELECT count(*) FROM turns WHERE contact <> 0)"
   " - (SELECT CAST(coalesce(sum(t.contact_seq - o.seq + 1), 0) AS bigint)"
   " FROM heads h JOIN turns t ON t.pos=h.pos JOIN (SELECT contact,"
   " min(contact_seq) AS seq FROM turns GROUP BY contact) o"
   " ON o.contact=h.contact)"},
  {"snapshots are newer than their contact",
   "SELECT count(*) FROM contacts c JOIN heads h USING (contact)"
   " JOIN turns t ON t.pos=h.pos WHERE c.snapshot_seq > t.contact_seq"},
  {"identities belong to no contact",
   "SELECT count(*) FROM identities i LEFT JOIN heads h USING (contact)"
   " WHERE h.contact IS NULL"},
  {"runs were started by no turn",
   "SELECT count(*) FROM runs r LEFT JOIN turns t ON t.pos=r.started_turn"
   " LEFT JOIN sequences s ON s.id=r.sequence"
   " LEFT JOIN retention k ON k.workspace=s.workspace"
   " WHERE t.pos IS NULL AND r.started_turn >= coalesce(k.gone_before, 0)"},
  {"deliveries are of no turn",
   "SELECT count(*) FROM (SELECT pos FROM outbox UNION ALL"
   " SELECT pos FROM deliveries) d LEFT JOIN turns t USING (pos)"
   " WHERE t.pos IS NULL"},
};

} // namespace troupe::persistence
