-- What sends say, by key. A version never changes.
CREATE TABLE templates (
  id         INTEGER PRIMARY KEY,
  text_id    TEXT NOT NULL UNIQUE,
  workspace  INTEGER NOT NULL,
  key        TEXT NOT NULL,
  channel    TEXT NOT NULL, -- of the newest version
  archived   INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (workspace, key)
) STRICT;

CREATE TABLE template_versions (
  template   INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  parts      TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  PRIMARY KEY (template, version)
) STRICT, WITHOUT ROWID;
