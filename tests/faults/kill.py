#!/usr/bin/env python3
"""F1: kill -9 under load, at random moments, many times.

Every acknowledged event is there once, its effects happened once, nothing is
half applied, timers that came due while the server was down fired once.
"""
import sys

import campaign


def main():
    options = campaign.parse_options(__doc__, cycles=5)
    with campaign.working_directory() as directory:
        return campaign.Campaign(options, directory + "/data", directory,
                                 lambda server: server.kill()).run()


sys.exit(main())
