-- Contacts that were erased. What is left of one: its turns without what they
-- said, a closed head, a row of `contacts` whose `merged_into` is 0, nobody.

-- One row per erasure, for good: what its certificate is made of.
CREATE TABLE erasures (
  id            bigint PRIMARY KEY,
  text_id       bytea NOT NULL UNIQUE,
  workspace     integer NOT NULL,
  contact_hash  bytea NOT NULL,
  began_at      bigint NOT NULL,
  finished_at   bigint,          -- NULL: it goes on
  turns         bigint NOT NULL, -- there were
  counts        bytea NOT NULL,  -- JSON: rows erased, by table
  names         bytea NOT NULL,  -- JSON, as long as it is searched for them
  rejected_seen bigint NOT NULL, -- number of the rejected event looked at last
  touched       bytea NOT NULL,  -- JSON: ranges of turns
  is_emptied    integer NOT NULL DEFAULT 0 -- 1: but for old versions of rows
);

CREATE INDEX erasures_of_workspace ON erasures (workspace, id);
CREATE INDEX erasures_unfinished ON erasures (id) WHERE finished_at IS NULL;

-- How far the turns of an erased contact, and of each it absorbed, are erased.
CREATE TABLE erasure_chains (
  erasure bigint NOT NULL,
  contact bigint NOT NULL,
  next    bigint NOT NULL, -- the newest turn that is not; 0: none
  PRIMARY KEY (erasure, contact)
);

-- Keyed hashes of the identities that erased contacts had.
CREATE TABLE tombstones (
  workspace integer NOT NULL,
  hash      bytea NOT NULL,
  erasure   bigint NOT NULL,
  PRIMARY KEY (workspace, hash)
);

-- Of what is said of somebody the planner keeps no samples: they would outlive
-- the rows.
ALTER TABLE turns ALTER COLUMN payload SET STATISTICS 0;
ALTER TABLE contacts ALTER COLUMN state SET STATISTICS 0;
ALTER TABLE identities ALTER COLUMN key SET STATISTICS 0;
ALTER TABLE inbox ALTER COLUMN target_key SET STATISTICS 0,
  ALTER COLUMN target_value SET STATISTICS 0,
  ALTER COLUMN properties SET STATISTICS 0;
ALTER TABLE delivery_attempts ALTER COLUMN detail SET STATISTICS 0;
ALTER TABLE triggers ALTER COLUMN wish SET STATISTICS 0;
ALTER TABLE rejected_events ALTER COLUMN type SET STATISTICS 0,
  ALTER COLUMN message SET STATISTICS 0,
  ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE erasures ALTER COLUMN names SET STATISTICS 0;
