-- Events that were not taken while the request that brought them was. Numbered
-- per workspace, so that the oldest go when there are too many.
CREATE TABLE rejected_events (
  workspace  INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  door       INTEGER NOT NULL,
  code       TEXT NOT NULL,
  message    TEXT NOT NULL,
  pointer    TEXT NOT NULL,
  type       TEXT NOT NULL, -- the event's name as far as it is known
  request_id TEXT NOT NULL,
  body       TEXT NOT NULL, -- its beginning
  PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;
