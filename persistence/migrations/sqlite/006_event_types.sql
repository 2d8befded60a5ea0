-- The catalog of event types: those that a person described, and every name
-- that came in an event. 6 discovered, 2 active, 4 archived.
CREATE TABLE event_types (
  id          INTEGER PRIMARY KEY,
  workspace   INTEGER NOT NULL,
  name        TEXT NOT NULL,
  status      INTEGER NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  schema      TEXT NOT NULL DEFAULT '', -- JSON; '': none
  created_at  INTEGER NOT NULL,         -- 0: not known
  updated_at  INTEGER NOT NULL DEFAULT 0, -- 0: no person did anything to it
  UNIQUE (workspace, name)
) STRICT;

CREATE INDEX event_types_of_workspace ON event_types (workspace);

INSERT INTO event_types (workspace, name, status, created_at)
  SELECT DISTINCT workspace, type, 6, 0 FROM event_blocks
  WHERE type <> '' AND type <> '$intervention';
