-- Endpoints: the secret before the newest, and how their attempts went.

ALTER TABLE destinations ADD COLUMN previous_secret TEXT NOT NULL DEFAULT '';
-- It signs until then.
ALTER TABLE destinations ADD COLUMN previous_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

-- One row per webhook endpoint from its first attempt on, written with each.
CREATE TABLE endpoint_health (
  destination   INTEGER PRIMARY KEY,
  last_at       INTEGER NOT NULL,
  last_status   INTEGER NOT NULL, -- 0: no answer
  failures      INTEGER NOT NULL, -- since the last success
  failing_since INTEGER           -- the first of those
) STRICT;
