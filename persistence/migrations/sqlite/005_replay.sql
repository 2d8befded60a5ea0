-- Attempts that a delivery had before it was replayed: the schedule of retries
-- begins after them.

ALTER TABLE deliveries ADD COLUMN replayed_after INTEGER NOT NULL DEFAULT 0;
