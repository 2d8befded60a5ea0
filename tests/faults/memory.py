#!/usr/bin/env python3
"""F16: the server has used up the memory it may have, and the kernel ends it
under load; after a restart all is there that was acknowledged.

Its group's limit is taken down to what it uses, and the load does the rest.
Needs root and a memory controller of cgroup version 1; exits 77 without.
"""
import os
import pathlib
import sys
import time

import campaign
import store_database

CONTROLLER = pathlib.Path("/sys/fs/cgroup/memory")
END_SECONDS = 60


class Group:
    """A cgroup; who is started by `wrapper` is in it."""

    def __init__(self):
        self.path = CONTROLLER / f"troupe-faults-{os.getpid()}"
        self.path.mkdir()
        self.wrapper = ["sh", "-c", f'echo $$ >{self.path}/cgroup.procs; '
                                    'exec "$0" "$@"']

    def read(self, name):
        return int((self.path / name).read_text())

    def limit(self, count):
        try:
            (self.path / "memory.limit_in_bytes").write_text(str(count))
        except OSError:
            pass  # more is used by now, and cannot be taken away

    def ended(self):
        """How many processes the kernel has ended for their memory."""
        for line in (self.path / "memory.oom_control").read_text().split("\n"):
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        return 0

    def exhaust(self, server):
        """Until the kernel ends the server."""
        until = time.monotonic() + END_SECONDS
        while server.process.poll() is None:
            if time.monotonic() > until:
                raise RuntimeError("memory was never used up")
            self.limit(self.read("memory.usage_in_bytes"))
            time.sleep(0.01)
        server.kill()
        self.limit(-1)

    def close(self):
        until = time.monotonic() + END_SECONDS
        while True:
            try:
                return self.path.rmdir()
            except OSError:  # of processes that have just ended
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)


def run(options, group):
    with campaign.working_directory() as directory:
        cluster = None
        store = directory + "/data"
        if options.postgres:
            cluster = store_database.Cluster()
            store = store_database.StoreDatabase(cluster.url("postgres"), store)
        try:
            one = campaign.Campaign(options, store, directory, group.exhaust)
            one.server.wrapper = group.wrapper
            return one.run()
        finally:
            if cluster:
                cluster.close()


def main():
    options = campaign.parse_options(__doc__, cycles=3)
    if options.postgres and not store_database.is_installed():
        print("skipped: needs PostgreSQL")
        return campaign.SKIPPED
    try:
        group = Group()
    except OSError:
        print("skipped: needs a memory controller that it may use")
        return campaign.SKIPPED
    try:
        code = run(options, group)
        print(f"the kernel ended {group.ended()} servers")
        if code == 0 and group.ended() < options.cycles:
            return campaign.VOID
        return code
    finally:
        group.close()


sys.exit(main())
