-- Contacts that were erased. What is left of one: its turns without what they
-- said, a closed head, a row of `contacts` whose `merged_into` is 0, nobody.

-- One row per erasure, for good: what its certificate is made of.
CREATE TABLE erasures (
  id            INTEGER PRIMARY KEY,
  text_id       TEXT NOT NULL UNIQUE,
  workspace     INTEGER NOT NULL,
  contact_hash  TEXT NOT NULL,
  began_at      INTEGER NOT NULL,
  finished_at   INTEGER,          -- NULL: it goes on
  turns         INTEGER NOT NULL, -- there were
  counts        TEXT NOT NULL,    -- JSON: rows erased, by table
  names         TEXT NOT NULL,    -- JSON, as long as it is searched for them
  rejected_seen INTEGER NOT NULL, -- number of the rejected event looked at last
  touched       TEXT NOT NULL,    -- JSON: ranges of turns, where there are any
  is_emptied    INTEGER NOT NULL DEFAULT 0 -- 1: but for bytes that were freed
) STRICT;

CREATE INDEX erasures_of_workspace ON erasures (workspace, id);
CREATE INDEX erasures_unfinished ON erasures (id) WHERE finished_at IS NULL;

-- How far the turns of an erased contact, and of each it absorbed, are erased.
CREATE TABLE erasure_chains (
  erasure INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  next    INTEGER NOT NULL, -- the newest turn that is not; 0: none
  PRIMARY KEY (erasure, contact)
) STRICT, WITHOUT ROWID;

-- Keyed hashes of the identities that erased contacts had.
CREATE TABLE tombstones (
  workspace INTEGER NOT NULL,
  hash      BLOB NOT NULL,
  erasure   INTEGER NOT NULL,
  PRIMARY KEY (workspace, hash)
) STRICT, WITHOUT ROWID;
