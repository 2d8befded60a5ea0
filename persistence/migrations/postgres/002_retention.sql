-- How many days the turns of a workspace are kept, and the position before
-- which those that were too old are gone. NULL: for ever, as in test
-- workspaces, whose times are their own.
CREATE TABLE retention (
  workspace   integer PRIMARY KEY,
  days        bigint,
  gone_before bigint NOT NULL
) WITH (fillfactor = 50);

INSERT INTO retention SELECT id, CASE WHEN kind = 1 THEN coalesce(
  CASE WHEN settings <> ''
    THEN (convert_from(settings, 'UTF8')::json ->> 'retention_days')::bigint
  END, 400) END, 1 FROM workspaces;

CREATE INDEX kept_keys_by_turn ON kept_keys (pos);
