-- Small definitions that are known by a key and have no versions. 1 checklist,
-- 2 funnel.
CREATE TABLE named_definitions (
  id         INTEGER PRIMARY KEY,
  text_id    TEXT NOT NULL UNIQUE,
  workspace  INTEGER NOT NULL,
  kind       INTEGER NOT NULL,
  key        TEXT NOT NULL,
  body       TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (workspace, kind, key)
) STRICT;
