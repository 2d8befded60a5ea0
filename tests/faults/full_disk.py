#!/usr/bin/env python3
"""F16, K1: the disk that holds the store is full: writes are refused with 503
and Retry-After, reads go on, and it heals when there is space again, without a
restart of the server.

With --postgres the disk of the cluster is full, and then that of its log alone:
PostgreSQL ends then, its reads with it, and is started again when there is
space. Needs root and mounts; exits 77 where they are not.
"""
import argparse
import os
import pathlib
import random
import shutil
import string
import subprocess
import sys
import tempfile
import time

import store_database
from server import Server

SKIPPED = 77
FILE_MIB, CLUSTER_MIB, LOG_MIB = 24, 256, 96
EVENTS_MAX = 20_000
LEFT_KIB = 512
ACKNOWLEDGED_MIN = 5
BACK_SECONDS = 20  # the goal is 5, on a machine that does nothing else
# A new file for every megabyte of its log, and none goes.
LOG_SETTINGS = ["wal_keep_size=1GB"]


class SmallDisk:
    def __init__(self, path, mib):
        self.path = path
        self.path.mkdir()
        self.is_mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", path],
            stderr=subprocess.DEVNULL, check=False).returncode == 0

    def fill(self, left_kib):
        """Takes all space that is left, but for a little."""
        path = self.path / "ballast"
        with open(path, "wb", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):
                try:
                    while ballast.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass
        os.truncate(path, path.stat().st_size - left_kib * 1024)

    def free(self):
        (self.path / "ballast").unlink()

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", self.path], check=True)


def emit(server, contact, number):
    # Nothing that PostgreSQL could compress.
    text = "".join(random.Random(number).choices(string.ascii_letters, k=4_000))
    status, document, _ = server.ask(
        "POST", "/v1/events",
        {"type": "disk.filled", "contact": {"external_id": contact},
         "metadata": {"number": number, "text": text}},
        key=f"{contact}-{number}")
    return status, document


def stored(server, contact):
    numbers, cursor = [], ""
    while True:
        page = server.get(f"/v1/events?contact[external_id]={contact}"
                          f"&limit=100{cursor}")
        numbers += [each["metadata"]["number"] for each in page["data"]]
        if not page["has_more"]:
            return sorted(numbers)
        cursor = "&cursor=" + page["next_cursor"]


def readiness(server):
    status, document, _ = server.ask("GET", "/readyz")
    return status, document["checks"]["storage"]


def fill_and_free(server, contact, disk, left_kib=LEFT_KIB, revive=None):
    """The numbers that were acknowledged, over a disk that becomes full.
    @param revive: starts what a full disk has ended, when that is not ours"""
    acknowledged = []
    status, number = 0, 0
    disk.fill(left_kib)
    while status != 503 and number < EVENTS_MAX:
        number += 1
        status, document = emit(server, contact, number)
        if status == 200:
            acknowledged.append(number)
    assert status == 503, f"the disk never became full: {status}"
    # A database that ends in the middle of a commit does not say which.
    assert document["code"] == "storage_unavailable" \
        or (revive and document["code"] == "outcome_unknown"), document
    assert len(acknowledged) >= ACKNOWLEDGED_MIN, acknowledged
    if revive is None:
        assert stored(server, contact) == acknowledged
        assert readiness(server) == (200, "failing")
    disk.free()
    if revive:
        revive()
    freed = time.monotonic()
    while status != 200:
        assert time.monotonic() < freed + BACK_SECONDS, "it did not heal"
        status, _ = emit(server, contact, number)
    print(f"{contact}: {len(acknowledged)} acknowledged before it was full; "
          f"taken again after {time.monotonic() - freed:.2f} s")
    acknowledged.append(number)
    while readiness(server) != (200, "ok"):
        assert time.monotonic() < freed + BACK_SECONDS, readiness(server)
    assert stored(server, contact) == acknowledged
    return contact, acknowledged


def check_kept(server, kept):
    """After an orderly end and another start."""
    assert server.stop() == 0
    server.start()
    for contact, acknowledged in kept:
        assert stored(server, contact) == acknowledged
    assert server.stop() == 0
    print("acknowledged and kept:", sum(len(all) for _, all in kept))


def end(server):
    if server.process is not None and server.process.poll() is None:
        server.kill()


def run_file(binary, directory):
    disk = SmallDisk(directory / "disk", FILE_MIB)
    server = Server(binary, directory, disk.path / "data")
    try:
        if not disk.is_mounted:
            return False
        server.start()
        check_kept(server, [fill_and_free(server, f"usr_{cycle}", disk)
                            for cycle in range(3)])
        return True
    finally:
        end(server)
        disk.close()


def run_database(binary, directory):
    directory.chmod(0o711)  # PostgreSQL does not run as root
    disk = SmallDisk(directory / "disk", CLUSTER_MIB)
    log = SmallDisk(directory / "log", LOG_MIB)
    cluster = server = None
    try:
        if not disk.is_mounted or not log.is_mounted:
            return False
        cluster = store_database.Cluster(*LOG_SETTINGS, parent=disk.path,
                                         log=log.path)
        server = Server(binary, directory, directory / "data",
                        url=cluster.url("postgres"))
        server.start()
        kept = [fill_and_free(server, "usr_data", disk)]
        for cycle in range(2):
            kept.append(fill_and_free(server, f"usr_log_{cycle}", log, 0,
                                      cluster.revive))
        print(f"PostgreSQL was started again {cluster.revived} times")
        assert cluster.revived > 0, "the log's disk never was full"
        check_kept(server, kept)
        return True
    finally:
        if server:
            end(server)
        if cluster:
            cluster.close()
        disk.close()
        log.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="the troupe binary")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: needs root to mount a small disk")
        return SKIPPED
    if options.postgres and not store_database.is_installed():
        print("skipped: needs PostgreSQL")
        return SKIPPED
    directory = pathlib.Path(tempfile.mkdtemp(prefix="troupe-full-"))
    try:
        run = run_database if options.postgres else run_file
        if run(options.binary, directory):
            return 0
        print("skipped: cannot mount a small disk")
        return SKIPPED
    finally:
        shutil.rmtree(directory, ignore_errors=True)


sys.exit(main())
