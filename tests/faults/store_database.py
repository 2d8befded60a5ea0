"""A PostgreSQL cluster of the test's own, and what a database in it says by
itself."""
import os
import pathlib
import shutil
import subprocess
import time

from server import end_with_parent
from store_rows import CONTRADICTIONS, PENDING, RUN_ACTIVE

SCRIPT = pathlib.Path(__file__).parents[1] / "support" / "postgres_cluster.sh"

REVIVAL_SECONDS = 2
ACTIVE_RUNS = f"SELECT count(*) FROM runs WHERE status = {RUN_ACTIVE}"


def is_installed():
    return bool(shutil.which("psql")
                and list(pathlib.Path("/usr/lib/postgresql").glob("*/bin")))


class Cluster:
    """Lives as long as the object is not closed, nor longer than this
    process. @param parent: where its files shall be, instead of in memory
    @param log: where its write-ahead log shall be, instead of among them
    @param standby_of: the cluster whose standby it shall be
    @raises RuntimeError when it does not start"""

    def __init__(self, *settings, parent=None, log=None, standby_of=None):
        where = {"TROUPE_CLUSTER_PARENT": parent, "TROUPE_CLUSTER_LOG": log,
                 "TROUPE_CLUSTER_PRIMARY": standby_of
                                           and standby_of.directory}
        where = {name: str(path) for name, path in where.items() if path}
        self.revived = 0
        self.process = subprocess.Popen(
            [SCRIPT, *settings], stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE, preexec_fn=end_with_parent,
            env=os.environ | where)
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

    def kill(self):
        """All its processes, as a power cut does."""
        self.tell("kill")

    def start(self):
        self.tell("start")

    def revive(self):
        """Waits for one that starts itself again, and starts one that ended."""
        until = time.monotonic() + REVIVAL_SECONDS
        while not self.answers():
            if time.monotonic() > until:
                self.kill()
                self.start()
                self.revived += 1
                return
            time.sleep(0.1)

    def answers(self):
        return subprocess.run(
            ["psql", "-XAtqc", "SELECT 1", self.url("postgres")], check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class StoreDatabase:
    """The store in a database; `data` is the server's data directory.
    @param through: what the server is told, when something is between"""

    def __init__(self, url, data, through=None):
        self.url = url
        self.server_url = through or url
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
