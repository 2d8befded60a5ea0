"""What the rows of a store say by themselves, in SQL that both stores read:
whether work is left, and whether the rows of a commit agree with each other."""

# Each finds rows that contradict each other; none may come back.
CONTRADICTIONS = {
    "a contact's turns are not numbered 1, 2, 3, …":
        "SELECT contact, count(*), min(contact_seq), max(contact_seq)"
        " FROM turns GROUP BY contact HAVING min(contact_seq) <> 1"
        " OR max(contact_seq) <> count(*)"
        " OR count(DISTINCT contact_seq) <> count(*)",
    "a turn does not follow the one before it":
        "SELECT t.pos FROM turns t LEFT JOIN turns p ON p.pos = t.previous"
        " WHERE CASE WHEN t.contact_seq = 1 THEN t.previous <> 0"
        " ELSE p.pos IS NULL OR p.contact <> t.contact"
        " OR p.contact_seq <> t.contact_seq - 1 OR p.at >= t.at END",
    # That of a contact which became part of another one is closed, with 0.
    "a head is not the contact's newest turn":
        "SELECT h.contact FROM heads h LEFT JOIN (SELECT contact,"
        " max(contact_seq) AS seq, max(pos) AS pos FROM turns"
        " GROUP BY contact) n ON n.contact = h.contact"
        " LEFT JOIN contacts c ON c.contact = h.contact"
        " WHERE n.pos IS DISTINCT FROM h.pos"
        " OR CASE WHEN c.merged_into IS NULL"
        " THEN n.seq IS DISTINCT FROM h.contact_seq"
        " ELSE h.contact_seq <> 0 END",
    "a contact has turns and no head or no row":
        "SELECT t.contact FROM turns t LEFT JOIN heads h"
        " ON h.contact = t.contact LEFT JOIN contacts c"
        " ON c.contact = t.contact WHERE t.contact_seq = 1"
        " AND (h.contact IS NULL OR c.contact IS NULL)",
    "a snapshot is ahead of its contact":
        "SELECT c.contact FROM contacts c JOIN heads h"
        " ON h.contact = c.contact WHERE c.snapshot_seq > h.contact_seq"
        " AND c.merged_into IS NULL",
    "an identity belongs to no contact":
        "SELECT i.key FROM identities i LEFT JOIN heads h"
        " ON h.contact = i.contact WHERE h.contact IS NULL",
    "a key was used by no turn":
        "SELECT k.pos FROM keys k LEFT JOIN turns t ON t.pos = k.pos"
        " WHERE t.pos IS NULL",
    "a key was used twice":
        "SELECT key_high FROM keys GROUP BY key_high, key_low"
        " HAVING count(*) > 1",
    "a run was started by no turn of its contact":
        "SELECT r.started_turn FROM runs r LEFT JOIN turns t"
        " ON t.pos = r.started_turn"
        " WHERE t.pos IS NULL OR t.contact <> r.contact",
    "a delivery is of no turn, or twice in the outbox":
        "SELECT d.pos FROM (SELECT destination, pos, ordinal FROM outbox"
        " UNION ALL SELECT destination, pos, ordinal FROM deliveries) d"
        " LEFT JOIN turns t ON t.pos = d.pos GROUP BY d.pos,"
        " d.destination, d.ordinal, t.pos HAVING count(*) > 1 OR t.pos IS NULL",
    "an attempt is of no delivery":
        "SELECT a.pos FROM delivery_attempts a LEFT JOIN deliveries d"
        " USING (destination, pos, ordinal) WHERE d.pos IS NULL",
}

# Each counts what still has to happen; the end of a session, which is no run,
# is half an hour away.
PENDING = {
    "timers": "SELECT count(*) FROM timers WHERE run <> 0",
    "inbox": "SELECT count(*) FROM inbox",
    "outbox": "SELECT count(*) FROM outbox",
    "deliveries": "SELECT count(*) FROM deliveries WHERE status = 1",
}

RUN_ACTIVE = 1
