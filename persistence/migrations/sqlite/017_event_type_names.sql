-- Event types that were renamed, and may still be called what they were.
ALTER TABLE event_types ADD COLUMN alias_of TEXT NOT NULL DEFAULT ''; -- '': no
