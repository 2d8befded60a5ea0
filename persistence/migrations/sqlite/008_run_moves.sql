-- What became of runs since `runs` was brought up to date: appended by the turn
-- that moves a run, folded into `runs` sorted, a thousand or a second's at
-- once. So a turn does not write a random page of `runs`.
CREATE TABLE run_moves (
  id           INTEGER PRIMARY KEY, -- the newest of a run counts
  sequence     INTEGER NOT NULL,
  started_turn INTEGER NOT NULL,
  ordinal      INTEGER NOT NULL,
  status       INTEGER NOT NULL,
  node         TEXT NOT NULL,
  entered_at   INTEGER NOT NULL,
  wake_at      INTEGER
) STRICT;
