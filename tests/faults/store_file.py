"""What the SQLite file says by itself. Opened read-only."""
import contextlib
import sqlite3

from store_rows import CONTRADICTIONS, PENDING, RUN_ACTIVE

MOVED = {
    "a run was moved that never started":
        "SELECT m.id FROM run_moves m LEFT JOIN runs r"
        " USING (sequence, started_turn, ordinal) WHERE r.contact IS NULL",
}

# As `runs` says, or the newest of `run_moves` that is not yet in it.
ACTIVE_RUNS = (
    "SELECT count(*) FROM runs LEFT JOIN"
    " (SELECT sequence, started_turn, ordinal, status, max(id) FROM run_moves"
    " GROUP BY sequence, started_turn, ordinal) AS m"
    " USING (sequence, started_turn, ordinal)"
    " WHERE coalesce(m.status, runs.status) = ?")


class StoreFile:
    """The store in a data directory."""

    def __init__(self, data):
        self.data = data
        self.server_url = None

    @contextlib.contextmanager
    def opened(self):
        file = sqlite3.connect(f"file:{self.data}/troupe.db?mode=ro", uri=True,
                               timeout=10, isolation_level=None)
        try:
            yield file
        finally:
            file.close()

    def pending(self):
        """{what: how many} of what is left to do; empty when nothing is."""
        with self.opened() as file:
            counts = {name: file.execute(query).fetchone()[0]
                      for name, query in PENDING.items()}
        return {name: count for name, count in counts.items() if count}

    def contradictions(self):
        """[(what, rows)] of what should not be, once nothing is pending."""
        found = []
        with self.opened() as file:
            file.execute("BEGIN")
            for what, query in (CONTRADICTIONS | MOVED).items():
                if rows := file.execute(query).fetchmany(5):
                    found.append((what, rows))
            active = file.execute(ACTIVE_RUNS, [RUN_ACTIVE]).fetchone()[0]
            if active:
                found.append(("runs are active although no timer is set",
                              active))
            verdict = file.execute("PRAGMA quick_check").fetchone()[0]
            if verdict != "ok":
                found.append(("the file is damaged", verdict))
        return found
