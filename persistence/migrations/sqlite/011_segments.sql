-- Segments, in their newest version; older conditions are in the admin log.
CREATE TABLE segments (
  id          INTEGER PRIMARY KEY,
  text_id     TEXT NOT NULL UNIQUE,
  workspace   INTEGER NOT NULL,
  key         TEXT NOT NULL,
  name        TEXT NOT NULL,
  description TEXT NOT NULL,
  condition   TEXT NOT NULL, -- JSON
  version     INTEGER NOT NULL,
  archived    INTEGER NOT NULL DEFAULT 0,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  UNIQUE (workspace, key)
) STRICT;

-- Who is in a segment: a projection of the contacts' turns.
CREATE TABLE segment_contacts (
  contact INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  age     INTEGER GENERATED ALWAYS AS (contact & 0xFFFFFFFFFFFFFF) VIRTUAL,
  PRIMARY KEY (contact, segment)
) STRICT, WITHOUT ROWID;

CREATE INDEX segment_contacts_by_age ON segment_contacts (segment, age, contact);

-- Work that goes over many contacts and goes on after a restart.
CREATE TABLE jobs (
  id          INTEGER PRIMARY KEY,
  text_id     TEXT NOT NULL UNIQUE,
  workspace   INTEGER NOT NULL,
  kind        TEXT NOT NULL,    -- "segment"
  subject     TEXT NOT NULL,    -- the segment's text_id
  next        INTEGER NOT NULL, -- the contact looked at last; 0: none yet
  done        INTEGER NOT NULL, -- contacts
  total       INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  finished_at INTEGER           -- NULL: it goes on
) STRICT;

CREATE INDEX jobs_unfinished ON jobs (id) WHERE finished_at IS NULL;
