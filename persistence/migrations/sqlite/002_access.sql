-- Workspaces and keys get what the API shows of them; what administrators do
-- is noted. `secret` seals what clients carry back, such as cursors.

ALTER TABLE installation ADD COLUMN secret BLOB NOT NULL DEFAULT x'';

ALTER TABLE workspaces ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;
ALTER TABLE workspaces ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE workspaces ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE api_keys ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;
ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

-- What was changed by whom, beside the turns: one row per change.
CREATE TABLE admin_log (
  id         INTEGER PRIMARY KEY,
  workspace  INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  action     TEXT NOT NULL,
  actor      TEXT NOT NULL, -- "key_…"
  request_id TEXT NOT NULL,
  subject    TEXT NOT NULL,
  details    TEXT NOT NULL
) STRICT;

CREATE INDEX admin_log_of_workspace ON admin_log (workspace, id);
