#!/usr/bin/env python3
"""F1: kill -9 under load, at random moments, many times; with --postgres over
a database.

Every acknowledged event is there once, its effects happened once, nothing is
half applied, timers that came due while the server was down fired once.
"""
import sys

import campaign
import store_database


def kill(server):
    server.kill()


def main():
    options = campaign.parse_options(__doc__, cycles=5)
    with campaign.working_directory() as directory:
        data = directory + "/data"
        if not options.postgres:
            return campaign.Campaign(options, data, directory, kill).run()
        cluster = store_database.Cluster()
        try:
            store = store_database.StoreDatabase(cluster.url("postgres"), data)
            return campaign.Campaign(options, store, directory, kill).run()
        finally:
            cluster.close()


sys.exit(main())
