-- What the turns say, counted behind the commits: made again from turns when
-- these tables are emptied. `counted_until` is the last turn that is in them.
CREATE TABLE statistics_place (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  counted_until INTEGER NOT NULL
) STRICT;

INSERT INTO statistics_place VALUES (1, 0);

CREATE TABLE type_statistics (
  workspace INTEGER NOT NULL,
  type      TEXT NOT NULL,
  count     INTEGER NOT NULL,
  first_at  INTEGER NOT NULL, -- when events of it happened
  last_at   INTEGER NOT NULL,
  PRIMARY KEY (workspace, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE value_statistics (
  workspace INTEGER NOT NULL,
  type      TEXT NOT NULL,
  currency  TEXT NOT NULL, -- '': none was given
  count     INTEGER NOT NULL,
  sum       REAL NOT NULL,
  PRIMARY KEY (workspace, type, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE property_statistics (
  workspace INTEGER NOT NULL,
  type      TEXT NOT NULL,
  name      TEXT NOT NULL,
  types     INTEGER NOT NULL, -- bits, see engine::json_type_names
  count     INTEGER NOT NULL,
  PRIMARY KEY (workspace, type, name)
) STRICT, WITHOUT ROWID;
