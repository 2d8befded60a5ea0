#!/usr/bin/env python3
"""F4 (c): the connection to PostgreSQL ends around a commit, again and again
under load: mostly when the commit is done and its answer under way.

    tests/faults/commit_replies.py BINARY --cycles 10 --drops 1000

The server stays up through all of them. Every acknowledged event is there once,
and whoever asks again with the key is told what really happened.
"""
import sys
import time

import campaign
import store_database
from database_proxy import REPLY, DatabaseProxy

SECONDS_PER_DROP = 3  # at most; commits come far more often
FORGOTTEN = 0.03      # answers that clients lose as well


class Drops:
    def __init__(self, proxy, per_cycle):
        self.proxy = proxy
        self.per_cycle = per_cycle

    def __call__(self, server):
        wanted = self.proxy.dropped[REPLY] + self.per_cycle
        until = (time.monotonic() + campaign.PATIENCE_SECONDS
                 + SECONDS_PER_DROP * self.per_cycle)
        self.proxy.drop(self.per_cycle)
        while self.proxy.dropped[REPLY] < wanted:
            if time.monotonic() > until or server.process.poll() is not None:
                raise RuntimeError(f"{self.proxy.dropped[REPLY]} replies dropped "
                                   f"of {wanted}")
            time.sleep(0.02)


def main():
    parser = campaign.option_parser(__doc__, cycles=2)
    parser.add_argument("--drops", type=int, default=30, help="replies, per cycle")
    options = parser.parse_args()
    if not store_database.is_installed():
        print("skipped: needs PostgreSQL")
        return campaign.SKIPPED
    with campaign.working_directory() as directory:
        cluster = store_database.Cluster()
        proxy = DatabaseProxy(cluster.directory, options.seed)
        try:
            store = store_database.StoreDatabase(
                cluster.url("postgres"), directory + "/data",
                through=proxy.url("postgres"))
            code = campaign.Campaign(
                options, store, directory, Drops(proxy, options.drops),
                survives=True, forgotten=FORGOTTEN).run()
        finally:
            proxy.close()
            cluster.close()
        print(f"of {proxy.commits} commits: {proxy.dropped['reply']} replies "
              f"dropped, {proxy.dropped['commit']} dropped before they were "
              f"sent, {proxy.dropped['both']} sent with nobody to hear")
        if code == 0 and proxy.dropped[REPLY] < options.drops * options.cycles:
            return campaign.VOID
        return code


sys.exit(main())
