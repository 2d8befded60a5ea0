-- The turn row is the truth; everything else is what a commit must find fast.
-- Ids are integers, times are microseconds since 1970. docs/schema.md explains.

CREATE TABLE installation (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  seed INTEGER NOT NULL
) STRICT;

CREATE TABLE turns (
  pos         INTEGER PRIMARY KEY,
  workspace   INTEGER NOT NULL,
  contact     INTEGER NOT NULL,
  contact_seq INTEGER NOT NULL,
  previous    INTEGER NOT NULL, -- the contact's turn before; 0: none
  skip        INTEGER NOT NULL, -- every 64th: the turn 64 before; else 0
  kind        INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  payload     BLOB NOT NULL
) STRICT;

-- Newest turn of each contact: where its chain of turns begins.
CREATE TABLE heads (
  contact     INTEGER PRIMARY KEY,
  pos         INTEGER NOT NULL,
  contact_seq INTEGER NOT NULL
) STRICT;

-- One row per contact from its first turn on; `state` is a snapshot.
CREATE TABLE contacts (
  contact      INTEGER PRIMARY KEY,
  workspace    INTEGER NOT NULL,
  has_external INTEGER NOT NULL,
  snapshot_seq INTEGER NOT NULL,
  state        BLOB
) STRICT;

CREATE TABLE identities (
  workspace INTEGER NOT NULL,
  kind      INTEGER NOT NULL,
  key       TEXT NOT NULL,
  contact   INTEGER NOT NULL,
  PRIMARY KEY (workspace, kind, key)
) STRICT, WITHOUT ROWID;

-- Idempotency keys of the window, append only; looked up in memory.
CREATE TABLE keys (
  id       INTEGER PRIMARY KEY,
  key_high INTEGER NOT NULL,
  key_low  INTEGER NOT NULL,
  pos      INTEGER NOT NULL,
  at       INTEGER NOT NULL
) STRICT;

CREATE TABLE timers (
  due       INTEGER NOT NULL,
  contact   INTEGER NOT NULL,
  run       INTEGER NOT NULL,
  visit     INTEGER NOT NULL,
  workspace INTEGER NOT NULL,
  PRIMARY KEY (due, contact, run, visit)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  due         INTEGER NOT NULL,
  id_high     INTEGER NOT NULL,
  id_low      INTEGER NOT NULL,
  workspace   INTEGER NOT NULL,
  sender      INTEGER NOT NULL,
  target_kind INTEGER NOT NULL, -- 0: the sender itself
  target_key  TEXT NOT NULL,
  target_value TEXT NOT NULL,
  type        TEXT NOT NULL,
  properties  TEXT NOT NULL,
  hops        INTEGER NOT NULL,
  PRIMARY KEY (due, id_high, id_low)
) STRICT, WITHOUT ROWID;

-- Deliveries that have no outcome yet, thin: the turn has the content.
CREATE TABLE outbox (
  destination INTEGER NOT NULL,
  pos         INTEGER NOT NULL,
  ordinal     INTEGER NOT NULL,
  PRIMARY KEY (destination, pos, ordinal)
) STRICT, WITHOUT ROWID;

-- From the first attempt's outcome on.
CREATE TABLE deliveries (
  destination     INTEGER NOT NULL,
  pos             INTEGER NOT NULL,
  ordinal         INTEGER NOT NULL,
  workspace       INTEGER NOT NULL,
  status          INTEGER NOT NULL,
  attempts        INTEGER NOT NULL,
  next_attempt_at INTEGER,
  PRIMARY KEY (destination, pos, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_due ON deliveries (destination, next_attempt_at)
  WHERE next_attempt_at IS NOT NULL;

CREATE TABLE delivery_attempts (
  destination INTEGER NOT NULL,
  pos         INTEGER NOT NULL,
  ordinal     INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  detail      TEXT NOT NULL,
  PRIMARY KEY (destination, pos, ordinal, number)
) STRICT, WITHOUT ROWID;

-- Grows at the end of each sequence.
CREATE TABLE runs (
  sequence     INTEGER NOT NULL,
  started_turn INTEGER NOT NULL,
  ordinal      INTEGER NOT NULL,
  contact      INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  status       INTEGER NOT NULL,
  PRIMARY KEY (sequence, started_turn, ordinal)
) STRICT, WITHOUT ROWID;

-- Which blocks of 1,024 positions hold an event type: one row per type and
-- block instead of an index entry per event.
CREATE TABLE event_blocks (
  workspace INTEGER NOT NULL,
  type      TEXT NOT NULL,
  block     INTEGER NOT NULL,
  PRIMARY KEY (workspace, type, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE workspaces (
  id      INTEGER PRIMARY KEY,
  text_id TEXT NOT NULL UNIQUE,
  name    TEXT NOT NULL
) STRICT;

CREATE TABLE api_keys (
  id        INTEGER PRIMARY KEY,
  text_id   TEXT NOT NULL UNIQUE,
  workspace INTEGER NOT NULL REFERENCES workspaces (id),
  prefix    TEXT NOT NULL UNIQUE,
  hash      BLOB NOT NULL,
  scopes    INTEGER NOT NULL,
  revoked   INTEGER NOT NULL
) STRICT;

CREATE TABLE sequences (
  id        INTEGER PRIMARY KEY,
  text_id   TEXT NOT NULL UNIQUE,
  workspace INTEGER NOT NULL REFERENCES workspaces (id),
  key       TEXT NOT NULL,
  UNIQUE (workspace, key)
) STRICT;

CREATE TABLE sequence_versions (
  sequence   INTEGER NOT NULL REFERENCES sequences (id),
  version    INTEGER NOT NULL,
  status     INTEGER NOT NULL,
  definition TEXT NOT NULL,
  PRIMARY KEY (sequence, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE destinations (
  id        INTEGER PRIMARY KEY,
  text_id   TEXT NOT NULL UNIQUE,
  workspace INTEGER NOT NULL REFERENCES workspaces (id),
  kind      INTEGER NOT NULL,
  key       TEXT NOT NULL,
  status    INTEGER NOT NULL,
  settings  TEXT NOT NULL,
  secret    TEXT NOT NULL
) STRICT;
