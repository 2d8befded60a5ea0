#!/usr/bin/env python3
"""A store that hangs ends the signs of life: the service manager must hear of
the process only while what it is for answers.

Runs `troupe_faulty` with commits that never return: pings come before the
first event and cease after it.
"""
import pathlib
import shutil
import socket
import sys
import tempfile
import threading

from server import Server

PATIENCE_SECONDS = 20
SILENCE_SECONDS = 3
INTERVAL_MICROS = 50_000


def send_event(server):
    try:
        server.ask("POST", "/v1/events",
                   {"type": "a.b", "contact": {"external_id": "usr_1"}})
    except OSError:
        pass  # the server is killed while it waits


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="troupe-watchdog-"))
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(directory / "notify"))
    manager.settimeout(PATIENCE_SECONDS)
    server = Server(sys.argv[1], directory, directory / "data", "commits_hang")
    server.environment["NOTIFY_SOCKET"] = str(directory / "notify")
    server.environment["WATCHDOG_USEC"] = str(2 * INTERVAL_MICROS)
    try:
        server.start()
        assert manager.recv(256) == b"READY=1"
        for _ in range(5):
            assert manager.recv(256) == b"WATCHDOG=1"
        sender = threading.Thread(target=send_event, args=(server,))
        sender.start()
        manager.settimeout(SILENCE_SECONDS)
        pings = 0
        try:
            while pings < PATIENCE_SECONDS * 1_000_000 // INTERVAL_MICROS:
                manager.recv(256)
                pings += 1
            sys.exit("the pings went on while the store hung")
        except TimeoutError:
            print(f"silence after {pings} more pings")
        assert server.process.poll() is None, "the server must still run"
        server.kill()
        sender.join()
    finally:
        if server.process is not None and server.process.poll() is None:
            server.process.kill()
        manager.close()
        shutil.rmtree(directory, ignore_errors=True)


main()
