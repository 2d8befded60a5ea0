#!/usr/bin/env python3
"""F4 (a): PostgreSQL is stopped at once and started again under load, several
times a cycle; the server must come back by itself.

Every acknowledged event is there once, and what got no answer is there once or
not at all; while the database is away `/readyz` says so, and nothing hangs.
"""
import random
import sys
import time

import campaign
import store_database

RESTARTS = 2
BACK_SECONDS = 20
# Over the five seconds that a commit waits for a connection.
LONG_SECONDS = 7


class Restarts:
    def __init__(self, cluster, seed):
        self.cluster = cluster
        self.random = random.Random(seed)
        self.done = self.long = 0

    def wait_until(self, server, storage):
        until = time.monotonic() + BACK_SECONDS
        while server.ask("GET", "/readyz")[1]["checks"]["storage"] != storage:
            if time.monotonic() > until:
                raise RuntimeError(f"the store is not {storage}")
            time.sleep(0.02)

    def restart(self, server):
        is_long = self.random.random() < 0.2
        self.cluster.stop()
        if is_long:
            time.sleep(LONG_SECONDS)
            self.wait_until(server, "away")
            self.long += 1
        else:
            time.sleep(self.random.uniform(0, 1.5))
        self.cluster.start()
        self.wait_until(server, "ok")
        self.done += 1

    def __call__(self, server):
        """Ends with the server's own end, so that the clients stop."""
        for _ in range(RESTARTS):
            self.restart(server)
            time.sleep(self.random.uniform(0.2, 1))
        server.kill()


def main():
    options = campaign.parse_options(__doc__, cycles=3)
    if not store_database.is_installed():
        print("skipped: needs PostgreSQL")
        return campaign.SKIPPED
    with campaign.working_directory() as directory:
        cluster = store_database.Cluster()
        restarts = Restarts(cluster, options.seed)
        try:
            store = store_database.StoreDatabase(cluster.url("postgres"),
                                                 directory + "/data")
            code = campaign.Campaign(options, store, directory,
                                     restarts).run()
        finally:
            cluster.close()
        print(f"{restarts.done} restarts of the database, {restarts.long} of "
              "them long")
        if code == 0 and restarts.done < RESTARTS * options.cycles:
            return campaign.VOID
        return code


sys.exit(main())
