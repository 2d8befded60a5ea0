-- What shall happen later, or to many contacts. The id is that of the row of
-- the inbox that is there as long as the trigger waits; it begins with a time.
CREATE TABLE triggers (
  id_high    INTEGER NOT NULL,
  id_low     INTEGER NOT NULL,
  workspace  INTEGER NOT NULL,
  kind       INTEGER NOT NULL, -- 1: an event; 2: a sequence for some contacts
  status     INTEGER NOT NULL, -- 1, 2: it waits
  created_at INTEGER NOT NULL,
  due        INTEGER NOT NULL,
  started_at INTEGER,
  ended_at   INTEGER,
  turn       INTEGER NOT NULL, -- of an event that happened; else 0
  reason     TEXT NOT NULL,    -- why it ended without one
  wish       TEXT NOT NULL,    -- JSON, as long as it is needed
  key_high   INTEGER,          -- the idempotency key it came with
  key_low    INTEGER,
  key_print  INTEGER,
  next       INTEGER NOT NULL, -- of many contacts: the one looked at last
  PRIMARY KEY (id_high, id_low)
) STRICT, WITHOUT ROWID;

CREATE INDEX triggers_waiting ON triggers (workspace) WHERE status <= 2;
CREATE INDEX triggers_by_key ON triggers (key_high, key_low)
  WHERE key_high IS NOT NULL;

-- For whom a trigger began something: written by the contact's turn.
CREATE TABLE trigger_contacts (
  id_high  INTEGER NOT NULL,
  id_low   INTEGER NOT NULL,
  contact  INTEGER NOT NULL,
  turn     INTEGER NOT NULL, -- 0: it could not begin
  outcome  INTEGER NOT NULL, -- 0: not known to be over
  ended_at INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  PRIMARY KEY (id_high, id_low, contact)
) STRICT, WITHOUT ROWID;
