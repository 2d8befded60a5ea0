-- Clocks of test workspaces. 2 is the kind of a test workspace.

-- What the clock showed when it was moved last; NULL: it has none.
ALTER TABLE workspaces ADD COLUMN test_now INTEGER;

UPDATE workspaces SET test_now = CAST(strftime('%s', 'now') AS INTEGER) * 1000000
  WHERE kind = 2;

-- What is due in test workspaces has 2^60 added to `due`: it lies behind all
-- that is due in real time, and whoever looks for that never reads it.
UPDATE timers SET due = due + 1152921504606846976
  WHERE workspace IN (SELECT id FROM workspaces WHERE kind = 2);
UPDATE inbox SET due = due + 1152921504606846976
  WHERE workspace IN (SELECT id FROM workspaces WHERE kind = 2);

CREATE INDEX timers_of_tests ON timers (workspace, due)
  WHERE due >= 1152921504606846976;
CREATE INDEX inbox_of_tests ON inbox (workspace, due)
  WHERE due >= 1152921504606846976;
