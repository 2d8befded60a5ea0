-- What the API shows of sequences, where their runs rest, and which timers wait
-- for a paused sequence.

ALTER TABLE sequences ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sequences ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sequences ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sequences ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE sequence_versions ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sequence_versions ADD COLUMN published_at INTEGER NOT NULL DEFAULT 0;

-- Of a run that ended: where it rested last. '' in rows from before this.
ALTER TABLE runs ADD COLUMN node TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN entered_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN wake_at INTEGER;

-- 1 active, 5 paused. Written when a run starts and ends, not when it moves.
CREATE INDEX runs_live ON runs (sequence) WHERE status IN (1, 5);

-- The paused sequence that the timer waits for.
ALTER TABLE timers ADD COLUMN held INTEGER;

CREATE INDEX timers_held ON timers (held) WHERE held IS NOT NULL;
