#!/usr/bin/env python3
"""F10: the same mutated byte streams to the server alone, through nginx and
through haproxy, which keep their connections to it.

    tests/faults/desync.py BINARY --streams 1000000

Every request that a proxy passes on has an id of the proxy's making, which the
server tells in its log for every request it sees. A request that the server
sees and no proxy passed on, or sees twice, is one that the two take apart
differently (H1); so is one that it waits to see the end of. What nginx passed
on as a body is what the events of its server hold.
"""
import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import sys
import tempfile
import time

import campaign
import history
import proxies
from server import Server
from streams import Streams, read_table

AT_ONCE = 96
SILENCE_SECONDS = 1.5  # and the client goes
PATIENCE_SECONDS = 30
QUIET_SECONDS = 5.5    # over the proxies' own patience
SHOWN = 5
OURS = "judge"  # asks what happened
# What a proxy says of itself.
GATEWAYS_OWN = {"502", "503", "504"}


class Site:
    """A server, alone or behind a proxy, and what both of them saw."""

    def __init__(self, name, options, directory, make_proxy):
        self.name = name
        at = pathlib.Path(directory) / name
        at.mkdir()
        self.server = Server(options.binary, at, at / "data")
        self.server.environment |= {"TROUPE_LOG_LEVEL": "debug",
                                    "TROUPE_LOG_FORMAT": "json"}
        self.server.start()
        self.server.fields["X-Request-Id"] = OURS
        self.proxy = make_proxy(at / "proxy", self.server)
        self.ports = self.proxy.ports if self.proxy else [self.server.port]
        self.seen = self.passed = self.answers = self.events = 0
        self.known = None
        self.faults = []
        self.fresh_seen, self.fresh_passed = [], {}

    def take_seen(self):
        """[(id, status, method, route)] of the server's log."""
        path = self.server.directory / "stderr"
        lines = path.read_text(errors="replace").split("\n")[:-1]
        os.truncate(path, 0)
        found = []
        for text in lines:
            line = json.loads(text)
            if line["msg"] == "request" and line["request_id"] != OURS:
                found.append((line["request_id"], line["status"],
                              line["method"], line["route"]))
            if "left out" in line["msg"]:
                self.faults.append("VOID: log lines are missing")
        return found

    def check(self, are_bodies_known):
        """What was sent since the last time: with patience, for what is noted
        last may be noted late."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.fresh_seen += self.take_seen()
            if self.proxy:
                self.fresh_passed |= self.proxy.told()
            faults = self.differences() if self.proxy else []
            if not faults or time.monotonic() > until:
                break
            time.sleep(1)
        self.faults += faults
        self.seen += len(self.fresh_seen)
        self.passed += len(self.fresh_passed)
        if are_bodies_known:
            self.check_bodies(self.fresh_passed.values())
        self.fresh_seen, self.fresh_passed = [], {}

    def differences(self):
        faults = []
        seen, passed = self.fresh_seen, self.fresh_passed
        ids = collections.Counter(which for which, *_ in seen)
        mark = self.name + "-"
        for which, count in ids.items():
            if which.startswith(mark) and (count > 1 or which not in passed):
                faults.append(f"{which} was seen {count} times, and is passed "
                              f"on as {passed.get(which)}")
        # A head that the server refuses has no id that it could read.
        own = [each for each in seen if not each[0].startswith(mark)]
        # One whose client left has no status that its proxy knows.
        unnamed = {which: each for which, each in passed.items()
                   if which not in ids}
        refused = [each for each in unnamed.values()
                   if each[0][:1] in "45-" and each[0] not in GATEWAYS_OWN]
        if len(own) > len(refused):
            faults.append(f"{len(own)} requests were seen that were not passed "
                          f"on, {len(refused)} refused: {own[:5]}")
        stalled = [which for which, each in passed.items()
                   if each[0] == "504" and self.name == "nginx"]
        if stalled:
            faults.append(f"the end of {stalled[:5]} was not seen")
        answered = [each for each in unnamed.items() if each[1][0][:1] in "23"]
        if answered:
            faults.append(f"{answered[:5]} were answered and not seen")
        return faults

    def check_bodies(self, passed):
        bodies, unknown = set(), 0
        for status, line, body in passed:
            # Of one whose client left the status is not known.
            try:
                sent = json.loads(body)
                bodies.add((sent.get("type"),
                            json.dumps(sent.get("metadata", {}))))
            except (ValueError, AttributeError):
                unknown += status == "200" and line.startswith("POST")
        events = history.fetch_events(self.server, self.known)
        self.events += len(events)
        self.known = events[-1]["id"] if events else self.known
        strange = [event for event in events
                   if (event["type"], json.dumps(event["metadata"]))
                   not in bodies]
        if len(strange) > unknown:
            self.faults.append(f"events of no body that was passed on: "
                               f"{strange[:3]}, {unknown} unknown")

    def close(self):
        if self.proxy:
            self.proxy.close()
        if self.server.stop() != 0:
            self.faults.append("SIGTERM did not end it well")


async def send(site, port, stream):
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        site.faults.append("VOID: a connection was refused")
        return
    try:
        writer.write(stream)
        while data := await asyncio.wait_for(reader.read(65_536),
                                             SILENCE_SECONDS):
            site.answers += data.count(b"HTTP/1.1 ")
    except (OSError, TimeoutError, asyncio.TimeoutError):
        pass
    writer.close()


async def send_all(sites, streams):
    """Each to every site, so many at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(site, port, stream):
        async with room:
            await send(site, port, stream)

    await asyncio.gather(*(one(site, port, stream) for stream in streams
                           for site in sites for port in site.ports))


def run(options, directory):
    sites = [Site("direct", options, directory, lambda *_: None),
             Site("nginx", options, directory, proxies.Nginx),
             Site("haproxy", options, directory, proxies.Haproxy)]
    made = {site.name: Streams(read_table(site.server.key)) for site in sites}
    began = time.monotonic()
    sent = batch = 0
    try:
        while sent < options.streams \
                and time.monotonic() < began + 60 * options.minutes \
                and not any(site.faults for site in sites):
            size = min(options.batch, options.streams - sent)
            for site in sites:
                chance = random.Random(f"{options.seed}/{batch}")
                streams = [made[site.name].make(chance) for _ in range(size)]
                asyncio.run(send_all([site], streams))
            sent += size
            batch += 1
            time.sleep(QUIET_SECONDS)
            for site in sites:
                site.check(site.name == "nginx")
    finally:
        for site in sites:
            site.close()
    took = time.monotonic() - began
    print(f"seed {options.seed}: {sent} streams in {batch} batches of "
          f"{options.batch}, each by four ways, {took:.0f} s")
    for site in sites:
        print(f"{site.name}: {site.answers} answers, {site.seen} requests seen"
              + (f", {site.passed} passed on" if site.proxy else "")
              + (f", {site.events} events" if site.events else ""))
    faults = [(site.name, text) for site in sites for text in site.faults]
    for name, text in faults[:SHOWN]:
        print(f"VIOLATION {name} in batch {batch - 1}: {text}")
    if faults:
        return 1
    floor = sent // 4
    if any(site.seen < floor for site in sites) or not sites[1].events:
        print("VOID: too few requests were seen")
        return campaign.VOID
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--batch", type=int, default=1_000,
                        help="so many are sent before what was seen is judged")
    parser.add_argument("--minutes", type=float, default=10_000,
                        help="begin no batch after so long")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    if not proxies.are_installed():
        print("skipped: needs nginx and haproxy")
        return campaign.SKIPPED
    with tempfile.TemporaryDirectory(prefix="troupe-desync-") as directory:
        return run(options, directory)


sys.exit(main())
