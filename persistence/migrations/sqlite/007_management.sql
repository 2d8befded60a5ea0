-- What lists and replays of the management API need.

-- Attempts that a delivery had before it was replayed: the schedule of retries
-- begins after them.
ALTER TABLE deliveries ADD COLUMN replayed_after INTEGER NOT NULL DEFAULT 0;

-- When a contact came to be is in its id, behind the shard's eight bits: lists
-- of contacts go by it.
ALTER TABLE contacts
  ADD COLUMN age INTEGER AS (contact & 72057594037927935) VIRTUAL;

CREATE INDEX contacts_by_age ON contacts (workspace, age, contact)
  WHERE merged_into IS NULL;
