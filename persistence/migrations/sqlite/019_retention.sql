-- How many days the turns of a workspace are kept, and the position before
-- which those that were too old are gone. NULL: for ever, as in test
-- workspaces, whose times are their own.
CREATE TABLE retention (
  workspace   INTEGER PRIMARY KEY,
  days        INTEGER,
  gone_before INTEGER NOT NULL
) STRICT;

INSERT INTO retention SELECT id, CASE WHEN kind = 1 THEN coalesce(
  CASE WHEN settings <> '' THEN json_extract(settings, '$.retention_days') END,
  400) END, 1 FROM workspaces;

CREATE INDEX kept_keys_by_turn ON kept_keys (pos);
