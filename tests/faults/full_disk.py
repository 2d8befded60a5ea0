#!/usr/bin/env python3
"""K1: the disk that holds the store is full: writes are refused with 503 and
Retry-After, reads go on, and it heals when there is space again.

Needs root and mounts; exits 77 where they are not.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from server import Server

SKIPPED = 77
DISK_MIB = 24
EVENTS_MAX = 20_000
LEFT_KIB = 512
ACKNOWLEDGED_MIN = 5


def fill(path):
    """Takes all space that is left, but for a little."""
    with open(path, "wb", buffering=0) as ballast:
        for size in (1 << 20, 1 << 12):
            try:
                while ballast.write(bytes(size)) == size:
                    pass
            except OSError:
                pass
    os.truncate(path, path.stat().st_size - LEFT_KIB * 1024)


def emit(server, contact, number):
    status, document, _ = server.ask(
        "POST", "/v1/events",
        {"type": "disk.filled", "contact": {"external_id": contact},
         "metadata": {"number": number, "text": "x" * 4_000}},
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


def fill_and_free(server, disk, cycle):
    """The numbers that were acknowledged, over a disk that becomes full."""
    contact = f"usr_{cycle}"
    acknowledged = []
    status, number = 0, 0
    fill(disk / "ballast")
    while status != 503 and number < EVENTS_MAX:
        number += 1
        status, document = emit(server, contact, number)
        if status == 200:
            acknowledged.append(number)
    assert status == 503, f"the disk never became full: {status}"
    assert document["code"] == "storage_unavailable", document
    assert len(acknowledged) >= ACKNOWLEDGED_MIN, acknowledged
    assert stored(server, contact) == acknowledged
    assert readiness(server) == (200, "failing")
    (disk / "ballast").unlink()
    for _ in range(50):
        status, _ = emit(server, contact, number)
        if status == 200:
            break
    assert status == 200, f"it did not heal: {status}"
    acknowledged.append(number)
    assert readiness(server) == (200, "ok")
    assert stored(server, contact) == acknowledged
    return contact, acknowledged


def main():
    if os.geteuid() != 0:
        print("skipped: needs root to mount a small disk")
        return SKIPPED
    directory = pathlib.Path(tempfile.mkdtemp(prefix="troupe-full-"))
    disk = directory / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o",
                              f"size={DISK_MIB}m", "tmpfs", disk],
                             stderr=subprocess.DEVNULL).returncode == 0
    server = Server(sys.argv[1], directory, disk / "data")
    try:
        if not mounted:
            print("skipped: cannot mount a small disk")
            return SKIPPED
        server.start()
        kept = [fill_and_free(server, disk, cycle) for cycle in range(3)]
        assert server.stop() == 0
        server.start()
        for contact, acknowledged in kept:
            assert stored(server, contact) == acknowledged
        assert server.stop() == 0
        print("acknowledged and kept:", sum(len(all) for _, all in kept))
        return 0
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
        if mounted:
            subprocess.run(["umount", disk], check=True)
        shutil.rmtree(directory, ignore_errors=True)


sys.exit(main())
