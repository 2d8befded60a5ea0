#!/usr/bin/env python3
"""F22: a long time of mixed load with faults at a low rate: receivers that
answer 500 or are away for a while, slow clients, merges, sequences; with
--kill-minutes the server itself.

    tests/faults/soak.py BINARY --minutes 120 --samples FILE.csv

Samples resident memory, descriptors, threads and the rows of work that is
left. At the end nothing is pending, the history is right, and over the last
two thirds of the time since the last start nothing has grown: descriptors and
threads in every form, memory by less than 1 MB an hour from 30 minutes on.
Contacts and keys are few on purpose: what grows with them is no leak.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import threading
import time

import campaign
import history
import store_database
from merges import Merges
from resident import Samples
from server import Server, end_with_parent
from sink import Sink
from slow_clients import Crowd, run_for
from store_file import StoreFile

KINDS = {"order.completed": 45, "timer.started": 20, "page.seen": 35}
CLIENTS = 16
FLAT_MINUTES = 30     # from here on memory is judged
SLACK = 64            # connections to a receiver that was away, in a short run
SLOPE_MAX = 1_000_000  # bytes an hour


class Soak:
    def __init__(self, options, store, directory):
        self.options = options
        self.random = random.Random(options.seed)
        self.directory = pathlib.Path(directory)
        self.store = store
        self.server = Server(options.binary, directory, store.data,
                             url=store.server_url)
        self.sink = Sink()
        self.history = history.History()
        self.known = None
        self.acked = self.events = self.kills = self.sink_restarts = 0
        self.slow_ended = 0
        self.ends = threading.Event()

    def set_up(self):
        self.server.start()
        for sequence in history.SEQUENCES:
            self.server.create("/v1/sequences", sequence)
        endpoint = self.server.create(
            "/v1/webhooks", {"url": self.sink.url,
                             "events": [history.SUBSCRIBED]})
        self.sink.use_secret(endpoint["signing_secret"])
        self.sink.failing = 0.01

    def load(self, period, seconds=None):
        """One period of it, to its end; with `seconds`, as fast as it goes."""
        ledger = self.directory / f"ledger.{period}"
        pace = 0 if seconds else CLIENTS / self.options.rate
        orders = {"port": self.server.port, "api_key": self.server.key,
                  "seed": f"{self.options.seed}/{period}",
                  "prefix": f"{self.options.seed}.{period}", "keyed": 0.02,
                  "clients": CLIENTS, "contacts": self.options.contacts,
                  "kinds": KINDS, "pace": pace, "ledger": str(ledger),
                  "seconds": seconds or self.options.period}
        client = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("load.py")],
            stdin=subprocess.PIPE, preexec_fn=end_with_parent)
        client.stdin.write(json.dumps(orders).encode())
        client.stdin.close()
        if self.is_time_to_kill(period):
            time.sleep(self.random.uniform(0.3, 0.7) * self.options.period)
            self.server.kill()
            self.kills += 1
        client.wait((seconds or self.options.period) + 600)
        if self.server.process.poll() is not None:
            self.server.start()
            self.samples.begin_again()
        operations = history.read_ledger(ledger)
        ledger.unlink()
        return operations

    def is_time_to_kill(self, period):
        if period < 0:
            return False
        every = self.options.kill_minutes * 60 / self.options.period
        return every and period % max(1, round(every)) == round(every) - 1

    def check(self, operations):
        """What a period did; timers and deliveries may still be under way."""
        found = history.fetch_events(self.server, self.known)
        self.known = found[-1]["id"] if found else self.known
        self.events += len(found)
        self.acked += sum(1 for each in operations.values() if each.ids)
        self.history.check_period(operations, found)

    def disturb(self):
        """Receivers that are away, connections that are slow."""
        crowd = None
        next_restart = self.next_restart()
        while not self.ends.wait(0.01):
            if crowd is None or crowd.port != self.server.port:
                if crowd:
                    crowd.close()
                crowd = Crowd(self.server.port, self.server.key, 20)
            try:
                run_for(crowd, 5, self.ends.is_set)
            except OSError:
                continue  # the server is away
            self.slow_ended = sum(map(len, crowd.held.values()))
            if time.monotonic() > next_restart:
                self.sink.restart(self.random.uniform(0.5, 3))
                self.sink_restarts += 1
                next_restart = self.next_restart()
        crowd.close()

    def next_restart(self):
        """Of the receiver: a short run has one, too."""
        return time.monotonic() + (self.random.uniform(0.25, 1.75)
                                   * self.options.receiver_seconds)

    def drain(self):
        until = time.monotonic() + self.options.drain_seconds
        while left := self.store.pending():
            if time.monotonic() > until:
                self.history.fail("effects", f"never done: {left}")
                return
            time.sleep(0.2)

    def finish(self, merges):
        self.sink.failing = 0
        self.drain()
        self.check({})
        self.history.check_end(self.server, self.sink.snapshot())
        merges.check(self.history)
        for what, rows in self.store.contradictions():
            self.history.fail("half", f"{what}: {rows}")
        if self.sink.forged:
            self.history.fail("effects", f"{self.sink.forged} not signed")
        if (code := self.server.stop()) != 0:
            self.history.fail("status", f"SIGTERM ended with {code}")

    def run(self):
        self.set_up()
        if self.options.warm:
            self.check(self.load(-1, self.options.warm))
        self.samples = Samples(self.server, self.store, self.options.samples)
        # New persons stay in the directory: few of them in a long time.
        merges = Merges(self.server, max(0.3, self.options.minutes / 3))
        disturber = threading.Thread(target=self.disturb)
        disturber.start()
        until = time.monotonic() + 60 * self.options.minutes
        self.samples.begin(self.options.sample_seconds)
        merges.begin()
        period = 0
        try:
            while time.monotonic() < until:
                self.check(self.load(period))
                period += 1
        finally:
            self.ends.set()
            disturber.join()
            merges.end()
            self.samples.end()
        self.finish(merges)
        return self.report(merges)

    def report(self, merges):
        is_full = self.options.minutes >= FLAT_MINUTES
        for name, slope in self.samples.slopes().items():
            print(f"{name}: {slope:+.1f} an hour")
            if name in ("descriptors", "threads"):
                if not self.samples.is_flat(name, 0 if is_full else SLACK):
                    self.history.fail("flat", f"{name} grow")
            elif name == "anonymous" and is_full and slope > SLOPE_MAX:
                self.history.fail("flat", f"memory grows: {slope:.0f} B/h")
        arrived = self.sink.snapshot()
        print(f"seed {self.options.seed}: {self.events} events, {self.acked} "
              f"acknowledged, {sum(map(len, arrived.values()))} deliveries of "
              f"{len(arrived)}, {self.sink.failed} answered 500, "
              f"{self.sink_restarts} restarts of the receiver, {self.kills} "
              f"of the server, {self.slow_ended} slow connections ended, "
              f"{merges.made} persons of three events joined, "
              f"{self.samples.count} samples")
        for rule, text in self.history.violations[:20]:
            print(f"VIOLATION {rule}: {text}")
        if self.history.violations:
            return 1
        if self.acked < self.options.minutes * 60 or not merges.made \
                or not self.sink.failed or not self.sink_restarts:
            print("VOID: too little happened")
            return campaign.VOID
        return 0


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--rate", type=float, default=200,
                        help="operations a second")
    parser.add_argument("--contacts", type=int, default=2_000)
    parser.add_argument("--period", type=int, default=10,
                        help="seconds of load between two checks")
    parser.add_argument("--receiver-seconds", type=float, default=12,
                        help="mean time between two restarts of the receiver")
    parser.add_argument("--warm", type=float, default=0,
                        help="seconds before it, as fast as it goes: caches "
                        "are full then")
    parser.add_argument("--kill-minutes", type=float, default=0)
    parser.add_argument("--drain-seconds", type=int, default=400)
    parser.add_argument("--sample-seconds", type=float, default=1)
    parser.add_argument("--samples", help="CSV file to write them to")
    parser.add_argument("--postgres", action="store_true")
    return parser.parse_args()


def main():
    options = parse_options()
    with campaign.working_directory() as directory:
        data = directory + "/data"
        if not options.postgres:
            return Soak(options, StoreFile(data), directory).run()
        cluster = store_database.Cluster()
        try:
            store = store_database.StoreDatabase(cluster.url("postgres"), data)
            return Soak(options, store, directory).run()
        finally:
            cluster.close()


sys.exit(main())
