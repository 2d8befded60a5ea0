"""A PostgreSQL cluster of the test's own, and what a database in it says by
itself."""
import pathlib
import shutil
import subprocess

from server import end_with_parent
from store_rows import CONTRADICTIONS, PENDING, RUN_ACTIVE

SCRIPT = pathlib.Path(__file__).parents[1] / "support" / "postgres_cluster.sh"

ACTIVE_RUNS = f"SELECT count(*) FROM runs WHERE status = {RUN_ACTIVE}"


def is_installed():
    return bool(shutil.which("psql")
                and list(pathlib.Path("/usr/lib/postgresql").glob("*/bin")))


class Cluster:
    """Lives as long as the object is not closed, nor longer than this
    process. @raises RuntimeError when it does not start"""

    def __init__(self, *settings):
        self.process = subprocess.Popen(
            [SCRIPT, *settings], stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE, preexec_fn=end_with_parent)
        self.directory = self.process.stdout.readline().strip()
        if not self.directory:
            raise RuntimeError("PostgreSQL does not start")

    def url(self, database):
        return (f"postgresql:///{database}?user=troupe"
                f"&host={self.directory}")

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != word:
            raise RuntimeError(f"PostgreSQL does not {word}")

    def stop(self):
        """At once, as a crash does."""
        self.tell("stop")

    def start(self):
        self.tell("start")

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class StoreDatabase:
    """The store in a database; `data` is the server's data directory."""

    def __init__(self, url, data):
        self.url = url
        self.data = data

    def ask(self, query):
        """The rows, as psql prints them."""
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", query, self.url],
            check=False, text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.splitlines()

    def count(self, query):
        return int(self.ask(query)[0])

    def pending(self):
        """{what: how many} of what is left to do; empty when nothing is."""
        counts = {name: self.count(query) for name, query in PENDING.items()}
        return {name: count for name, count in counts.items() if count}

    def contradictions(self):
        """[(what, rows)] of what should not be, once nothing is pending."""
        found = []
        for what, query in CONTRADICTIONS.items():
            if rows := self.ask(query + " LIMIT 5"):
                found.append((what, rows))
        if active := self.count(ACTIVE_RUNS):
            found.append(("runs are active although no timer is set", active))
        return found
