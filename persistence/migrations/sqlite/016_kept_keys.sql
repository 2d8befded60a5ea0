-- Keys that answer for as long as events are kept (behaviour R25).
CREATE TABLE kept_keys (
  key_high INTEGER NOT NULL, -- hash of scope and key
  key_low  INTEGER NOT NULL,
  pos      INTEGER NOT NULL, -- of the turn that used it
  PRIMARY KEY (key_high, key_low)
) STRICT, WITHOUT ROWID;
