-- The turn row is the truth; everything else is what a commit must find fast.
-- Ids are integers, times are microseconds since 1970, and all that clients
-- send is bytes. docs/schema.md explains.

CREATE TABLE installation (
  id     smallint PRIMARY KEY CHECK (id = 1),
  seed   bigint NOT NULL,
  secret bytea NOT NULL
);

-- The fence of each writer: its transactions begin with a change of its row.
CREATE TABLE lanes (
  lane       smallint PRIMARY KEY,
  generation bigint NOT NULL,
  last_group bigint NOT NULL,
  owner      bytea NOT NULL -- random, of the process that has it
) WITH (fillfactor = 10);

-- Partitions are ranges of positions, made ahead by the writer. Positions rise
-- with time, so old ones can be dropped whole, and one is found by one probe.
CREATE TABLE turns (
  pos         bigint PRIMARY KEY,
  workspace   integer NOT NULL,
  contact     bigint NOT NULL,
  contact_seq bigint NOT NULL,
  previous    bigint NOT NULL, -- the contact's turn before; 0: none
  skip        bigint NOT NULL, -- every 64th: the turn 64 before; else 0
  kind        smallint NOT NULL,
  at          bigint NOT NULL,
  payload     bytea NOT NULL
) PARTITION BY RANGE (pos);

-- Newest turn of each contact: where its chain of turns begins.
CREATE TABLE heads (
  contact     bigint PRIMARY KEY,
  pos         bigint NOT NULL,
  contact_seq bigint NOT NULL -- 0: closed, the contact was absorbed
) WITH (fillfactor = 50);

-- One row per contact from its first turn on; `state` is a snapshot.
CREATE TABLE contacts (
  contact      bigint PRIMARY KEY,
  workspace    integer NOT NULL,
  has_external smallint NOT NULL,
  snapshot_seq bigint NOT NULL,
  state        bytea,
  merged_into  bigint -- always a contact that is itself part of nobody
) WITH (fillfactor = 80);

CREATE INDEX contacts_merged ON contacts (merged_into)
  WHERE merged_into IS NOT NULL;
-- When a contact came to be is in its id, behind the shard's eight bits.
CREATE INDEX contacts_by_age
  ON contacts (workspace, (contact & 72057594037927935), contact)
  WHERE merged_into IS NULL;

-- One row per merge, by the survivor's turn. The absorbed contact's own turns
-- end at `absorbed_pos`.
CREATE TABLE merges (
  pos          bigint PRIMARY KEY,
  workspace    integer NOT NULL,
  survivor     bigint NOT NULL,
  absorbed     bigint NOT NULL,
  absorbed_pos bigint NOT NULL,
  at           bigint NOT NULL
);

CREATE TABLE identities (
  workspace integer NOT NULL,
  kind      smallint NOT NULL,
  key       bytea NOT NULL,
  contact   bigint NOT NULL,
  PRIMARY KEY (workspace, kind, key)
);

-- Idempotency keys of the window, a table per day: slot is the day modulo 4,
-- emptied whole when its day is long over.
CREATE TABLE keys (
  slot     smallint NOT NULL,
  key_high bigint NOT NULL,
  key_low  bigint NOT NULL,
  pos      bigint NOT NULL,
  at       bigint NOT NULL,
  PRIMARY KEY (slot, key_high, key_low)
) PARTITION BY LIST (slot);
CREATE TABLE keys_0 PARTITION OF keys FOR VALUES IN (0);
CREATE TABLE keys_1 PARTITION OF keys FOR VALUES IN (1);
CREATE TABLE keys_2 PARTITION OF keys FOR VALUES IN (2);
CREATE TABLE keys_3 PARTITION OF keys FOR VALUES IN (3);

-- Which day a slot holds; -1: none.
CREATE TABLE key_days (
  slot smallint PRIMARY KEY,
  day  bigint NOT NULL
);
INSERT INTO key_days VALUES (0, -1), (1, -1), (2, -1), (3, -1);

-- Keys that answer for as long as events are kept.
CREATE TABLE kept_keys (
  key_high bigint NOT NULL, -- hash of scope and key
  key_low  bigint NOT NULL,
  pos      bigint NOT NULL, -- of the turn that used it
  PRIMARY KEY (key_high, key_low)
);

-- What is due in test workspaces has 2^60 added to `due`: it lies behind all
-- that is due in real time, and whoever looks for that never reads it.
CREATE TABLE timers (
  due       bigint NOT NULL,
  contact   bigint NOT NULL,
  run       bigint NOT NULL,
  visit     bigint NOT NULL,
  workspace integer NOT NULL,
  held      integer, -- the paused sequence that the timer waits for
  PRIMARY KEY (due, contact, run, visit)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX timers_held ON timers (held) WHERE held IS NOT NULL;
CREATE INDEX timers_of_tests ON timers (workspace, due)
  WHERE due >= 1152921504606846976;

CREATE TABLE inbox (
  due          bigint NOT NULL,
  id_high      bigint NOT NULL,
  id_low       bigint NOT NULL,
  workspace    integer NOT NULL,
  sender       bigint NOT NULL,
  target_kind  smallint NOT NULL, -- 0: the sender itself
  target_key   bytea NOT NULL,
  target_value bytea NOT NULL,
  type         bytea NOT NULL,
  properties   bytea NOT NULL,
  hops         bigint NOT NULL,
  PRIMARY KEY (due, id_high, id_low)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX inbox_of_tests ON inbox (workspace, due)
  WHERE due >= 1152921504606846976;

-- Deliveries that have no outcome yet, thin: the turn has the content.
CREATE TABLE outbox (
  destination integer NOT NULL,
  pos         bigint NOT NULL,
  ordinal     bigint NOT NULL,
  PRIMARY KEY (destination, pos, ordinal)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

-- From the first attempt's outcome on.
CREATE TABLE deliveries (
  destination     integer NOT NULL,
  pos             bigint NOT NULL,
  ordinal         bigint NOT NULL,
  workspace       integer NOT NULL,
  status          smallint NOT NULL,
  attempts        bigint NOT NULL,
  next_attempt_at bigint,
  -- Attempts before the last replay: the schedule begins after them.
  replayed_after  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (destination, pos, ordinal)
) WITH (fillfactor = 80);

CREATE INDEX deliveries_due ON deliveries (destination, next_attempt_at)
  WHERE next_attempt_at IS NOT NULL;

CREATE TABLE delivery_attempts (
  destination integer NOT NULL,
  pos         bigint NOT NULL,
  ordinal     bigint NOT NULL,
  number      bigint NOT NULL,
  at          bigint NOT NULL,
  status      smallint NOT NULL,
  detail      bytea NOT NULL,
  PRIMARY KEY (destination, pos, ordinal, number)
);

-- One row per webhook endpoint from its first attempt on, written with each.
CREATE TABLE endpoint_health (
  destination   integer PRIMARY KEY,
  last_at       bigint NOT NULL,
  last_status   integer NOT NULL, -- 0: no answer
  failures      bigint NOT NULL,  -- since the last success
  failing_since bigint            -- the first of those
) WITH (fillfactor = 20);

-- Grows at the end of each sequence. A run that moves is changed in place.
CREATE TABLE runs (
  sequence     integer NOT NULL,
  started_turn bigint NOT NULL,
  ordinal      bigint NOT NULL,
  contact      bigint NOT NULL,
  number       bigint NOT NULL,
  version      bigint NOT NULL,
  status       smallint NOT NULL,
  node         bytea NOT NULL,
  entered_at   bigint NOT NULL,
  wake_at      bigint,
  PRIMARY KEY (sequence, started_turn, ordinal)
) WITH (fillfactor = 80);

-- 1 active, 5 paused.
CREATE INDEX runs_live ON runs (sequence) WHERE status IN (1, 5);

-- Which blocks of 1,024 positions hold an event type: one row per type and
-- block instead of an index entry per event.
CREATE TABLE event_blocks (
  workspace integer NOT NULL,
  type      bytea NOT NULL,
  block     bigint NOT NULL,
  PRIMARY KEY (workspace, type, block)
);

-- The catalog of event types: those that a person described, and every name
-- that came in an event. 6 discovered, 2 active, 4 archived.
CREATE TABLE event_types (
  id          bigint PRIMARY KEY,
  workspace   integer NOT NULL,
  name        bytea NOT NULL,
  status      smallint NOT NULL,
  description bytea NOT NULL DEFAULT '',
  schema      bytea NOT NULL DEFAULT '', -- JSON; '': none
  created_at  bigint NOT NULL,           -- 0: not known
  updated_at  bigint NOT NULL DEFAULT 0, -- 0: no person did anything to it
  alias_of    bytea NOT NULL DEFAULT '', -- what it is called now; '': this
  UNIQUE (workspace, name)
);

CREATE INDEX event_types_of_workspace ON event_types (workspace, id);

CREATE TABLE workspaces (
  id         integer PRIMARY KEY,
  text_id    bytea NOT NULL UNIQUE,
  name       bytea NOT NULL,
  kind       smallint NOT NULL,
  settings   bytea NOT NULL,
  created_at bigint NOT NULL,
  test_now   bigint -- what a test clock showed when it was moved last
);

CREATE TABLE api_keys (
  id         integer PRIMARY KEY,
  text_id    bytea NOT NULL UNIQUE,
  workspace  integer NOT NULL REFERENCES workspaces (id),
  prefix     bytea NOT NULL UNIQUE,
  hash       bytea NOT NULL,
  scopes     bigint NOT NULL,
  revoked    smallint NOT NULL,
  kind       smallint NOT NULL,
  name       bytea NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE sequences (
  id         integer PRIMARY KEY,
  text_id    bytea NOT NULL UNIQUE,
  workspace  integer NOT NULL REFERENCES workspaces (id),
  key        bytea NOT NULL,
  paused     smallint NOT NULL DEFAULT 0,
  archived   smallint NOT NULL DEFAULT 0,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  UNIQUE (workspace, key)
);

CREATE TABLE sequence_versions (
  sequence     integer NOT NULL REFERENCES sequences (id),
  version      bigint NOT NULL,
  status       smallint NOT NULL,
  definition   bytea NOT NULL,
  created_at   bigint NOT NULL,
  published_at bigint NOT NULL,
  PRIMARY KEY (sequence, version)
);

CREATE TABLE destinations (
  id              integer PRIMARY KEY,
  text_id         bytea NOT NULL UNIQUE,
  workspace       integer NOT NULL REFERENCES workspaces (id),
  kind            smallint NOT NULL,
  key             bytea NOT NULL,
  status          smallint NOT NULL,
  settings        bytea NOT NULL,
  secret          bytea NOT NULL,
  previous_secret bytea NOT NULL,
  previous_until  bigint NOT NULL, -- it signs until then
  created_at      bigint NOT NULL
);

-- What sends say, by key. A version never changes.
CREATE TABLE templates (
  id         bigint PRIMARY KEY,
  text_id    bytea NOT NULL UNIQUE,
  workspace  integer NOT NULL,
  key        bytea NOT NULL,
  channel    bytea NOT NULL, -- of the newest version
  archived   smallint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  UNIQUE (workspace, key)
);

CREATE TABLE template_versions (
  template   bigint NOT NULL,
  version    bigint NOT NULL,
  parts      bytea NOT NULL, -- JSON
  created_at bigint NOT NULL,
  PRIMARY KEY (template, version)
);

-- Segments, in their newest version; older conditions are in the admin log.
CREATE TABLE segments (
  id          integer PRIMARY KEY,
  text_id     bytea NOT NULL UNIQUE,
  workspace   integer NOT NULL,
  key         bytea NOT NULL,
  name        bytea NOT NULL,
  description bytea NOT NULL,
  condition   bytea NOT NULL, -- JSON
  version     bigint NOT NULL,
  archived    smallint NOT NULL,
  created_at  bigint NOT NULL,
  updated_at  bigint NOT NULL,
  UNIQUE (workspace, key)
);

-- Who is in a segment: a projection of the contacts' turns.
CREATE TABLE segment_contacts (
  contact bigint NOT NULL,
  segment integer NOT NULL,
  PRIMARY KEY (contact, segment)
);

CREATE INDEX segment_contacts_by_age
  ON segment_contacts (segment, (contact & 72057594037927935), contact);

-- Work that goes over many contacts and goes on after a restart.
CREATE TABLE jobs (
  id          bigint PRIMARY KEY,
  text_id     bytea NOT NULL UNIQUE,
  workspace   integer NOT NULL,
  kind        bytea NOT NULL,  -- "segment"
  subject     bytea NOT NULL,  -- the segment's text_id
  next        bigint NOT NULL, -- the contact looked at last; 0: none yet
  done        bigint NOT NULL, -- contacts
  total       bigint NOT NULL,
  created_at  bigint NOT NULL,
  finished_at bigint           -- NULL: it goes on
);

CREATE INDEX jobs_unfinished ON jobs (id) WHERE finished_at IS NULL;

-- What the turns say, counted behind the commits: made again from turns when
-- these tables are emptied. `counted_until` is the last turn that is in them.
CREATE TABLE statistics_place (
  id            smallint PRIMARY KEY CHECK (id = 1),
  counted_until bigint NOT NULL
);
INSERT INTO statistics_place VALUES (1, 0);

CREATE TABLE type_statistics (
  workspace integer NOT NULL,
  type      bytea NOT NULL,
  count     bigint NOT NULL,
  first_at  bigint NOT NULL, -- when events of it happened
  last_at   bigint NOT NULL,
  PRIMARY KEY (workspace, type)
);

CREATE TABLE value_statistics (
  workspace integer NOT NULL,
  type      bytea NOT NULL,
  currency  bytea NOT NULL, -- '': none was given
  count     bigint NOT NULL,
  sum       double precision NOT NULL,
  PRIMARY KEY (workspace, type, currency)
);

CREATE TABLE property_statistics (
  workspace integer NOT NULL,
  type      bytea NOT NULL,
  name      bytea NOT NULL,
  types     bigint NOT NULL, -- bits, see engine::json_type_names
  count     bigint NOT NULL,
  PRIMARY KEY (workspace, type, name)
);

-- Small definitions that are known by a key and have no versions. 1 checklist,
-- 2 funnel, 3 automation.
CREATE TABLE named_definitions (
  id         bigint PRIMARY KEY,
  text_id    bytea NOT NULL UNIQUE,
  workspace  integer NOT NULL,
  kind       smallint NOT NULL,
  key        bytea NOT NULL,
  body       bytea NOT NULL, -- JSON
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  UNIQUE (workspace, kind, key)
);

-- Events that were not taken while the request that brought them was. Numbered
-- per workspace, so that the oldest go when there are too many.
CREATE TABLE rejected_events (
  workspace  integer NOT NULL,
  number     bigint NOT NULL,
  at         bigint NOT NULL,
  door       smallint NOT NULL,
  code       bytea NOT NULL,
  message    bytea NOT NULL,
  pointer    bytea NOT NULL,
  type       bytea NOT NULL, -- the event's name as far as it is known
  request_id bytea NOT NULL,
  body       bytea NOT NULL, -- its beginning
  PRIMARY KEY (workspace, number)
);

-- What shall happen later, or to many contacts. The id is that of the row of
-- the inbox that is there as long as the trigger waits; it begins with a time.
CREATE TABLE triggers (
  id_high    bigint NOT NULL,
  id_low     bigint NOT NULL,
  workspace  integer NOT NULL,
  kind       smallint NOT NULL, -- 1: an event; 2: a sequence for some contacts
  status     smallint NOT NULL, -- 1, 2: it waits
  created_at bigint NOT NULL,
  due        bigint NOT NULL,
  started_at bigint,
  ended_at   bigint,
  turn       bigint NOT NULL,   -- of an event that happened; else 0
  reason     bytea NOT NULL,    -- why it ended without one
  wish       bytea NOT NULL,    -- JSON, as long as it is needed
  key_high   bigint,            -- the idempotency key it came with
  key_low    bigint,
  key_print  bigint,
  next       bigint NOT NULL,   -- of many contacts: the one looked at last
  PRIMARY KEY (id_high, id_low)
);

CREATE INDEX triggers_waiting ON triggers (workspace) WHERE status <= 2;
CREATE INDEX triggers_by_key ON triggers (key_high, key_low)
  WHERE key_high IS NOT NULL;

-- For whom a trigger began something: written by the contact's turn.
CREATE TABLE trigger_contacts (
  id_high  bigint NOT NULL,
  id_low   bigint NOT NULL,
  contact  bigint NOT NULL,
  turn     bigint NOT NULL,   -- 0: it could not begin
  outcome  smallint NOT NULL, -- 0: not known to be over
  ended_at bigint NOT NULL,
  reason   bytea NOT NULL,
  PRIMARY KEY (id_high, id_low, contact)
);

-- What was changed by whom, beside the turns: one row per change.
CREATE TABLE admin_log (
  id         bigint PRIMARY KEY,
  workspace  integer NOT NULL,
  at         bigint NOT NULL,
  action     bytea NOT NULL,
  actor      bytea NOT NULL, -- "key_…"
  request_id bytea NOT NULL,
  subject    bytea NOT NULL,
  details    bytea NOT NULL
);

CREATE INDEX admin_log_of_workspace ON admin_log (workspace, id);
