#!/usr/bin/env python3
r"""F18: the wall clock jumps under load, by a second to ten years both ways,
and the process is stopped for seconds (T1).

    tests/faults/clocks.py BINARY --timers 10000 --seconds 150 --stand \
        --waits 90 120 150

wall_clock.c moves the wall clock of the server alone. Waits of some seconds are begun all the time; each ends once, and not before its time as
the machine's even clock has it: a step that is taken back within the minute
counts for nothing. Keys answer with their first result whatever the wall clock
says. With --stand a step of a day stands: waits of most of a day then end, once.
"""
import argparse
import collections
import json
import pathlib
import random
import signal
import struct
import subprocess
import sys
import time

import campaign
import history
import preload
import store_database
from server import Server, end_with_parent
from sink import Sink
from store_file import StoreFile

HOUR, DAY, YEARS = 3600, 86_400, 3652 * 86_400  # ten of them
STEPS = [1, -1, HOUR, -HOUR, DAY, -DAY, -YEARS, YEARS]
DAY_WAIT = "wait.day"
ENDED = "wait.ended"
EARLY_SECONDS = 0.15  # less is no step, see actors/trusted_clock.hpp
STAND_SECONDS = 75
CLIENTS = 32


def wait_sequence(event, how_long):
    return {"key": event.replace(".", "_"), "status": "active",
            "reentry": "always", "trigger": {"any": [{"event": event}]},
            "vars": {"op": {"var": "event.properties.op"}}, "entry": "rest",
            "nodes": {"rest": {"type": "wait", "for": how_long,
                               "then": "tell"},
                      "tell": {"type": "emit", "event": ENDED,
                               "properties": {"op": {"var": "run.vars.op"}},
                               "then": "done"},
                      "done": {"type": "exit"}}}


class Arrivals(Sink):
    """{operation: when its wait was told to be over}"""

    def __init__(self):
        super().__init__()
        self.at = collections.defaultdict(dict)

    def take(self, headers, body):
        at = time.monotonic_ns()
        super().take(headers, body)
        document = json.loads(body)
        op = document["data"]["metadata"]["op"]
        with self.lock:
            self.at[op].setdefault(document["id"], at)


class SteppedServer(Server):
    """Its wall clock is off by what `step` says."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        library = preload.build("wall_clock.c", self.directory)
        path = self.directory / "offset"
        path.write_bytes(bytes(8))
        self.offset = open(path, "r+b", buffering=0)
        self.environment |= {"WALL_CLOCK_OFFSET": str(path),
                             **preload.variables(self.binary, library)}

    def step(self, seconds):
        self.offset.seek(0)
        self.offset.write(struct.pack("q", seconds * 1_000_000))

    def year(self):
        """As the wall clock of the process has it."""
        self.connection.request("GET", "/healthz")
        answer = self.connection.getresponse()
        answer.read()
        return int(answer.headers["Date"].split()[3])


class Clocks:
    def __init__(self, options, store, directory):
        self.options = options
        self.random = random.Random(options.seed)
        self.directory = pathlib.Path(directory)
        self.store = store
        self.server = SteppedServer(options.binary, directory, store.data,
                                  url=store.server_url)
        self.sink = Arrivals()
        self.history = history.History()
        self.steps = self.stops = self.retried = self.seen_years = 0
        self.most_pending = 0
        self.left = list(STEPS)
        self.waits = {f"wait.{each}": f"{each}s" for each in options.waits}

    def set_up(self):
        self.server.start()
        for event, how_long in self.waits.items():
            self.server.create("/v1/sequences", wait_sequence(event, how_long))
        self.server.create("/v1/sequences", wait_sequence(DAY_WAIT, "20h"))
        endpoint = self.server.create("/v1/webhooks", {"url": self.sink.url,
                                                       "events": [ENDED]})
        self.sink.use_secret(endpoint["signing_secret"])

    def load(self, seconds, kinds, name):
        """A client process, and where it writes what it does."""
        ledger = self.directory / f"ledger.{name}"
        # So many are begun in their mean time that so many are pending.
        rate = self.options.timers * len(self.waits) / sum(
            self.options.waits)
        orders = {"port": self.server.port, "api_key": self.server.key,
                  "seed": f"{self.options.seed}/{name}", "prefix": name,
                  "clients": CLIENTS, "contacts": 500, "kinds": kinds,
                  "pace": CLIENTS / rate, "seconds": seconds,
                  "ledger": str(ledger)}
        client = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("load.py")],
            stdin=subprocess.PIPE, preexec_fn=end_with_parent)
        client.stdin.write(json.dumps(orders).encode())
        client.stdin.close()
        return client, ledger

    def jump(self):
        """There, sometimes on from there, and back."""
        self.most_pending = max(self.most_pending,
                                self.store.pending().get("timers", 0))
        for _ in range(self.random.choice([1, 1, 2])):
            # All of them come, those of years first.
            offset = self.left.pop() if self.left else self.random.choice(
                STEPS)
            self.server.step(offset)
            self.steps += 1
            if abs(offset) == YEARS:
                # The second at which the date is made anew may take its time.
                time.sleep(1.1)
                wanted = time.gmtime().tm_year + 10 * offset // YEARS
                self.seen_years += abs(self.server.year() - wanted) <= 1
            time.sleep(self.random.uniform(0.2, 1.5))
        self.server.step(0)
        self.steps += 1

    def suspend(self):
        self.server.process.send_signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(1, 3))
        self.server.process.send_signal(signal.SIGCONT)
        self.stops += 1

    def disturb(self, client):
        while client.poll() is None:
            self.jump()
            if self.random.random() < 0.2 or not self.stops:
                self.suspend()
            time.sleep(self.random.uniform(0, 0.7))
        client.wait()

    def retry(self, operations):
        """Each answers what it answered first, at whatever time."""
        keyed = [each for each in operations.values() if each.key and each.ids]
        for each in self.random.sample(keyed, min(len(keyed), 40)):
            self.server.step(self.random.choice(STEPS))
            status, document, replayed = self.server.ask(
                "POST", "/v1/events",
                {"type": each.type, "contact": {"external_id": each.contact},
                 "metadata": {"op": each.op}}, each.key)
            self.retried += 1
            if status != 200 or not replayed or {document["id"]} != each.ids:
                self.history.fail("acknowledged", f"{each.op} is {each.ids}, "
                                  f"its retry got {status} {document}")
        self.server.step(0)

    def stand(self, operations):
        """A day that stands: what was to wait for it has waited."""
        client, ledger = self.load(3, {DAY_WAIT: 1}, "day")
        client.wait(60)
        began = history.read_ledger(ledger)
        operations |= began
        self.server.step(DAY)
        self.steps += 1
        until = time.monotonic() + STAND_SECONDS
        while time.monotonic() < until and self.store.pending():
            time.sleep(0.2)
        return began

    def drain(self):
        until = time.monotonic() + self.options.drain_seconds
        while left := self.store.pending():
            if time.monotonic() > until:
                self.history.fail("lost", f"never done: {left}")
                return
            time.sleep(0.1)

    def check(self, operations, stood):
        found, ended = collections.defaultdict(list), collections.Counter()
        events = history.fetch_events(self.server)
        for event in events:
            op = event["metadata"].get("op")
            if event["type"] == ENDED:
                ended[op] += 1
            else:
                found[op].append(event)
        self.history.operations = operations
        for each in operations.values():
            self.history.check_operation(each, found[each.op])
            if ended[each.op] != len(found[each.op]):
                self.history.fail("lost" if not ended[each.op] else "twice",
                                  f"the wait of {each.op} ended "
                                  f"{ended[each.op]} times")
        self.history.check_order(events)
        late = []
        for op, arrived in self.sink.at.items():
            each = operations[op]
            if len(arrived) != 1:
                self.history.fail("twice", f"{op} was told as {arrived}")
            if op in stood:
                continue
            took = (min(arrived.values()) - each.begun) / 1e9
            due = int(each.type.split(".")[1])
            late.append(took - due)
            if took < due - EARLY_SECONDS:
                self.history.fail("early", f"{op}, {due} s, took {took:.2f} s")
        for what, rows in self.store.contradictions():
            self.history.fail("half", f"{what}: {rows}")
        late.sort()
        if late:
            print(f"waits ended {late[0]:.3f} to {late[-1]:.3f} s after their "
                  f"time, half of them by {late[len(late) // 2]:.3f} s")

    def run(self):
        self.set_up()
        stood = {}
        try:
            client, ledger = self.load(self.options.seconds,
                                       dict.fromkeys(self.waits, 1), "jumps")
            self.disturb(client)
            operations = history.read_ledger(ledger)
            self.retry(operations)
            if self.options.stand:
                self.drain()  # a step that stands ends other waits, too
                stood = self.stand(operations)
            self.drain()
            self.check(operations, stood)
            if (code := self.server.stop()) != 0:
                self.history.fail("status", f"SIGTERM ended with {code}")
        finally:
            if self.server.process.poll() is None:
                self.server.kill()
            self.sink.close()
        return self.report(operations, stood)

    def report(self, operations, stood):
        acked = sum(1 for each in operations.values() if each.ids)
        print(f"seed {self.options.seed}: {self.steps} steps of the clock, "
              f"{self.stops} stops, {acked} waits begun, at most "
              f"{self.most_pending} pending, {len(self.sink.at)} told, "
              f"{self.retried} retried, {len(stood)} of a day")
        rules = collections.Counter(
            rule for rule, _ in self.history.violations)
        for rule in rules:
            for text in [text for each, text in self.history.violations
                         if each == rule][:campaign.SHOWN]:
                print(f"VIOLATION {rule}: {text}")
        if rules:
            print("violations by rule:", dict(rules))
            return 1
        if acked < 100 or len(self.sink.at) < acked or self.steps < 5 or not self.stops \
                or not self.seen_years or not self.retried \
                or self.most_pending < self.options.timers / 8 \
                or (self.options.stand and not stood):
            print(f"VOID: too little happened ({self.seen_years} years seen)")
            return campaign.VOID
        return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--timers", type=int, default=400,
                        help="about how many are pending at a time")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--waits", type=int, nargs="+", default=[3, 7, 12],
                        help="how many seconds are waited for")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--stand", action="store_true",
                        help="at the end a step of a day that stands")
    parser.add_argument("--drain-seconds", type=int, default=90)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    if not preload.can_build():
        print("skipped: needs a C compiler")
        return campaign.SKIPPED
    with campaign.working_directory() as directory:
        data = directory + "/data"
        if not options.postgres:
            return Clocks(options, StoreFile(data), directory).run()
        cluster = store_database.Cluster()
        try:
            store = store_database.StoreDatabase(cluster.url("postgres"), data)
            return Clocks(options, store, directory).run()
        finally:
            cluster.close()


sys.exit(main())
