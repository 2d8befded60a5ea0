#!/usr/bin/env python3
"""F2: the power goes under load: the file system that holds the store is shut
down without a flush, so that what was not synced is lost.

    tests/faults/power_cut.py BINARY --file-system xfs --postgres --cycles 50

With --postgres the disk holds the cluster, which ends with the cut too. With
--fault commits_not_synced its commits are acknowledged before they are synced:
a control that must lose. Needs root, loop mounts, mkfs and xfs_io; exits 77
where they are not.
"""
import pathlib
import sys

import campaign
import store_database
from disk import MAKE, open_disk

# The transaction that moves the lane is the one that commits a group.
NOT_SYNCED = """
CREATE FUNCTION not_synced() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL;
END $$;
CREATE TRIGGER not_synced AFTER UPDATE ON lanes FOR EACH STATEMENT
EXECUTE FUNCTION not_synced()"""
# Nor are they synced soon.
SYNCED_LATE = ["wal_writer_delay=10s", "wal_writer_flush_after=1GB"]


class Cut:
    def __init__(self, disk, cluster=None):
        self.disk = disk
        self.cluster = cluster

    def __call__(self, server):
        self.disk.cut()
        server.kill()
        if self.cluster:
            self.cluster.kill()
        self.disk.restore()
        if self.cluster:
            self.cluster.start()


def run_file(options, disk, directory):
    return campaign.Campaign(options, disk.mounted_at / "data", directory,
                             Cut(disk)).run()


def run_database(options, disk, directory):
    pathlib.Path(directory).chmod(0o711)  # PostgreSQL does not run as root
    loses = options.fault == "commits_not_synced"
    settings = SYNCED_LATE if loses else []
    cluster = store_database.Cluster(*settings, parent=disk.mounted_at)
    try:
        store = store_database.StoreDatabase(cluster.url("postgres"),
                                             directory + "/data")
        if loses:
            options.fault = None
        run = campaign.Campaign(options, store, directory, Cut(disk, cluster))
        if loses:
            run.server.start()
            run.server.stop()
            store.ask(NOT_SYNCED)
        disk.sync()  # what makes the cluster is no commit
        return run.run()
    finally:
        cluster.close()


def main():
    parser = campaign.option_parser(__doc__, cycles=3)
    parser.add_argument("--file-system", choices=MAKE, default="ext4")
    options = parser.parse_args()
    if options.postgres and not store_database.is_installed():
        print("skipped: needs PostgreSQL")
        return campaign.SKIPPED
    with campaign.working_directory() as directory:
        disk = open_disk(directory, options.file_system)
        if disk is None:
            print(f"skipped: needs root, loop mounts, xfs_io and "
                  f"mkfs.{options.file_system}")
            return campaign.SKIPPED
        try:
            if options.postgres:
                return run_database(options, disk, directory)
            return run_file(options, disk, directory)
        finally:
            disk.unmount()


sys.exit(main())
