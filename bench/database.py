"""A PostgreSQL cluster of the bench's own, on disk, on the core of the server
that uses it."""

import os
import subprocess

SCRIPT = "tests/support/postgres_cluster.sh"
# What a small machine is given. All that makes a commit durable is as it comes.
SETTINGS = ("shared_buffers=256MB", "max_wal_size=1GB",
            "checkpoint_timeout=5min", "autovacuum_naptime=1min")


# On disk, and open to the user that PostgreSQL runs as.
PARENT = "/var/tmp"


class Cluster:
    """Its one database is empty. Lives until it is closed."""

    def __init__(self, root, core):
        self.process = subprocess.Popen(
            ["taskset", "-c", core, root / SCRIPT, *SETTINGS],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TROUPE_CLUSTER_PARENT": PARENT})
        self.socket = self.process.stdout.readline().strip()
        if not self.socket:
            raise RuntimeError("PostgreSQL does not start")
        self.url = f"postgresql:///postgres?user=troupe&host={self.socket}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
