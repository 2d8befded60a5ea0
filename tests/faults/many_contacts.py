#!/usr/bin/env python3
"""F17, U4: contacts that are met once each, a million of them.

    tests/faults/many_contacts.py BINARY --contacts 1000000

What is held in memory for them has a bound: the contacts awake are at most
100,000, and from there on what each further one costs is its entry in the
directory.
"""
import argparse
import asyncio
import base64
import json
import random
import subprocess
import sys
import time
import urllib.request

import campaign
import history
from resident import of_process
from server import Server

AWAKE_MAX = 100_000
BATCH = 100
CLIENTS = 4
AWAKE_BYTES = 4_096    # each of those awake, at most
ASLEEP_BYTES = 512     # each further one
START_BYTES = 64 << 20


async def touch(port, key, numbers, refused):
    """Sends its batches one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    secret = base64.b64encode(f"{key}:".encode()).decode()
    for first in numbers:
        body = json.dumps({"batch": [
            {"type": "track", "userId": f"person.{first + each}",
             "event": "Met Once", "messageId": f"m.{first + each}"}
            for each in range(BATCH)]})
        writer.write((f"POST /v1/batch HTTP/1.1\r\nHost: t\r\nAuthorization: "
                      f"Basic {secret}\r\nContent-Type: application/json\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        answer = await reader.readexactly(length)
        if head[9:12] != "200":
            refused.append((head[9:12], answer[:200]))
            break
    writer.close()


async def touch_all(port, key, first, last):
    refused = []
    await asyncio.gather(*(
        touch(port, key, range(first + BATCH * client, last, BATCH * CLIENTS),
              refused) for client in range(CLIENTS)))
    return refused


def awake(server):
    with urllib.request.urlopen(
            f"http://127.0.0.1:{server.port}/metrics") as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("troupe_contacts_awake "):
                return int(float(line.split()[1]))
    raise RuntimeError("no figure of contacts awake")


def bound(contacts):
    """Resident memory that is not a file's."""
    return (START_BYTES + AWAKE_BYTES * min(contacts, AWAKE_MAX)
            + ASLEEP_BYTES * contacts)


def run(options, server):
    linked = subprocess.run(["ldd", server.binary], check=False,
                            capture_output=True, text=True).stdout
    is_measured = "libasan" not in linked
    faults, step = [], max(BATCH * CLIENTS, options.contacts // 10)
    began = time.monotonic()
    for first in range(0, options.contacts, step):
        last = min(options.contacts, first + step)
        if refused := asyncio.run(touch_all(server.port, server.key, first,
                                            last)):
            return [f"refused: {refused[:2]}"]
        resident, anonymous, *_ = of_process(server.process.pid)
        held = awake(server)
        print(f"{last} contacts, {held} awake, {resident >> 20} MiB resident, "
              f"{anonymous >> 20} MiB of it its own, "
              f"{time.monotonic() - began:.0f} s", flush=True)
        if held > AWAKE_MAX:
            faults.append(f"{held} contacts are awake")
        if is_measured and anonymous > bound(last):
            faults.append(f"{anonymous} bytes for {last} contacts")
    for number in random.sample(range(options.contacts), 50):
        contact = history.show_contact(server, f"person.{number}")
        if contact is None:
            faults.append(f"person {number} is not there")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--contacts", type=int, default=20_000)
    options = parser.parse_args()
    with campaign.working_directory() as directory:
        server = Server(options.binary, directory, directory + "/data")
        server.start()
        try:
            faults = run(options, server)
            if server.stop() != 0:
                faults.append("SIGTERM did not end it well")
        finally:
            if server.process.poll() is None:
                server.kill()
    for text in faults[:campaign.SHOWN]:
        print("VIOLATION", text)
    return 1 if faults else 0


sys.exit(main())
