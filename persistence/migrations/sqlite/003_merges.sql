-- Contacts that became part of another one; docs/schema.md explains.

-- Always a contact that is itself part of nobody.
ALTER TABLE contacts ADD COLUMN merged_into INTEGER;

CREATE INDEX contacts_merged ON contacts (merged_into)
  WHERE merged_into IS NOT NULL;

-- One row per merge, by the survivor's turn. The absorbed contact's own turns
-- end at `absorbed_pos`.
CREATE TABLE merges (
  pos          INTEGER PRIMARY KEY,
  workspace    INTEGER NOT NULL,
  survivor     INTEGER NOT NULL,
  absorbed     INTEGER NOT NULL,
  absorbed_pos INTEGER NOT NULL,
  at           INTEGER NOT NULL
) STRICT;
