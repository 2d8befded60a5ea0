"""Cycles of load, fault, restart and check, whatever the fault is."""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import history
from server import Server, end_with_parent
from sink import Sink
from store_file import StoreFile

SHOWN = 10        # violations of one rule that are printed
ACKED_FLOOR = 50  # acknowledged events per cycle; fewer prove nothing
# For what takes a moment, on a machine that is busy with other things.
PATIENCE_SECONDS = 120
VOID, BROKEN, SKIPPED = 2, 3, 77


class Campaign:
    """@param crash(server): ends the server and what else the fault ends
    @param store: where it stores; a data directory, or a StoreDatabase
    @param survives: the fault is one that must not end the server
    @param forgotten: the part of the answers that clients lose"""

    def __init__(self, options, store, directory, crash, survives=False,
                 forgotten=0):
        self.options = options
        self.store = store if hasattr(store, "pending") else StoreFile(store)
        self.random = random.Random(options.seed)
        self.directory = pathlib.Path(directory)
        self.server = Server(options.binary, directory, self.store.data,
                             options.fault, self.store.server_url)
        self.crash = crash
        self.survives = survives
        self.forgotten = forgotten
        self.sink = Sink()
        self.arrived = {}  # before the server was there again
        self.history = history.History()
        self.crashes = self.unanswered = self.retried = self.repeated = 0

    def set_up(self):
        self.server.start()
        for sequence in history.SEQUENCES:
            self.server.create("/v1/sequences", sequence)
        endpoint = self.server.create(
            "/v1/webhooks", {"url": self.sink.url,
                             "events": [history.SUBSCRIBED]})
        self.sink.use_secret(endpoint["signing_secret"])

    def load_until_crash(self, cycle):
        """The operations of the cycle, as the clients wrote them down."""
        ledger = self.directory / f"ledger.{cycle}"
        orders = {"port": self.server.port, "api_key": self.server.key,
                  "seed": f"{self.options.seed}/{cycle}",
                  "prefix": f"{self.options.seed}.{cycle}",
                  "clients": self.options.clients, "contacts": 200,
                  "ledger": str(ledger), "forgotten": self.forgotten}
        client = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("load.py")],
            stdin=subprocess.PIPE, preexec_fn=end_with_parent)
        client.stdin.write(json.dumps(orders).encode())
        client.stdin.close()
        # What is waited for is not a fact but the moment of the fault; the
        # client's own start is no load.
        until = time.monotonic() + PATIENCE_SECONDS
        while not ledger.exists() or not ledger.stat().st_size:
            if time.monotonic() > until:
                raise RuntimeError("the load client sent nothing")
            time.sleep(0.01)
        time.sleep(self.random.uniform(0.5, 1.5))
        self.crashes += 1
        self.crash(self.server)
        self.arrived = self.sink.snapshot()
        if self.survives:
            client.terminate()
        client.wait(PATIENCE_SECONDS)
        return history.read_ledger(ledger)

    def retry_unanswered(self, operations, present):
        """Half of those with a key; the answer must say what happened."""
        for operation in operations.values():
            if operation.ids:
                continue
            self.unanswered += 1
            if not operation.key or self.random.random() < 0.5:
                continue
            self.retried += 1
            contact = {"external_id": operation.contact}
            if operation.email:
                contact["email"] = operation.email
            status, document, replayed = self.server.ask(
                "POST", "/v1/events",
                {"type": operation.type, "contact": contact,
                 "metadata": {"op": operation.op}}, operation.key)
            first = present.get(operation.op)
            if status != 200 or replayed != (first is not None) \
                    or (first and document["id"] != first):
                self.history.fail("unanswered", f"{operation.op} is there as "
                                  f"{first}, its retry got {status} "
                                  f"{document}, replay {replayed}")
            else:
                operation.ids.add(document["id"])

    def drain(self):
        until = time.monotonic() + self.options.drain_seconds
        while left := self.store.pending():
            if time.monotonic() > until:
                self.history.fail("effects", f"never done: {left}")
                return
            time.sleep(0.05)

    def check_repeats(self):
        """What arrived before and was sent again was counted as such (X4)."""
        after = self.sink.snapshot()
        again = sum(len(after[each]) - len(events)
                    for each, events in self.arrived.items())
        self.repeated += again
        counted = self.server.metric("troupe_deliveries_uncertain_total")
        if again > counted:
            self.history.fail("effects", f"{again} deliveries came again, "
                              f"{counted} were said to be uncertain")

    def check_survived(self):
        if (code := self.server.process.poll()) is not None:
            raise RuntimeError(f"the server ended with {code}: "
                               + self.server.errors()[-2000:])

    def run_cycle(self, cycle):
        known = self.history.events[-1]["id"] if self.history.events else None
        operations = self.load_until_crash(cycle)
        if self.survives:
            self.check_survived()
        else:
            # Timers come due while it is down, in half of the cycles.
            time.sleep(self.random.choice([0, 1.2]))
            self.server.start()
        present = {event["metadata"].get("op"): event["id"]
                   for event in history.fetch_events(self.server, known)
                   if event["origin"] == "client"}
        self.retry_unanswered(operations, present)
        self.drain()
        self.history.check_cycle(
            operations, history.fetch_events(self.server, known), self.server,
            self.sink.snapshot())
        self.check_repeats()
        for what, rows in self.store.contradictions():
            self.history.fail("half", f"{what}: {rows}")

    def finish(self):
        self.history.check_timers()
        self.history.check_all(self.server)
        if self.sink.forged:
            self.history.fail("effects",
                              f"{self.sink.forged} deliveries were not signed")
        if (code := self.server.stop()) != 0:
            self.history.fail("status", f"SIGTERM ended with {code}")

    def run(self):
        """0, 1 with violations, VOID when too little happened, BROKEN when
        the harness itself could not work."""
        try:
            self.set_up()
            for cycle in range(self.options.cycles):
                self.run_cycle(cycle)
                if self.history.violations and not self.options.keep_going:
                    break
            else:
                self.finish()
        except (RuntimeError, OSError) as reason:
            if not self.crashes:
                print(f"BROKEN: {reason}")
                return BROKEN
            self.history.fail("restart", f"after a fault: {reason}")
        finally:
            if self.server.process and self.server.process.poll() is None:
                self.server.kill()
            self.sink.close()
        return self.report()

    def report(self):
        acked = sum(1 for each in self.history.operations.values() if each.ids)
        unsure = sum(each.unsure
                     for each in self.history.operations.values())
        arrivals = sum(map(len, self.sink.snapshot().values()))
        print(f"seed {self.options.seed}: {self.crashes} faults, "
              f"{len(self.history.operations)} operations, {acked} "
              f"acknowledged, {self.unanswered} unanswered "
              f"({self.retried} retried), {unsure} answers that said \"not "
              f"now\", {len(self.history.events)} events, "
              f"{arrivals} deliveries of {len(self.sink.snapshot())}, "
              f"{self.repeated} of them again after a fault")
        shown = {}
        for rule, text in self.history.violations:
            shown[rule] = shown.get(rule, 0) + 1
            if shown[rule] <= SHOWN:
                print(f"VIOLATION {rule}: {text}")
        if self.history.violations:
            print("violations by rule:", shown)
            return 1
        if acked < ACKED_FLOOR * self.options.cycles \
                or self.crashes < self.options.cycles \
                or self.unanswered < self.options.cycles:
            print("VOID: too little was acknowledged or interrupted")
            return VOID
        return 0


def option_parser(description, cycles):
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="the troupe binary")
    parser.add_argument("--cycles", type=int, default=cycles)
    parser.add_argument("--seed", type=int,
                        default=random.randrange(1_000_000),
                        help="the same seed sends the same operations")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--drain-seconds", type=int, default=120,
                        help="how long what is due may take after a restart")
    parser.add_argument("--keep-going", action="store_true",
                        help="do all cycles, whatever they find")
    parser.add_argument("--postgres", action="store_true",
                        help="store in a database instead of a file")
    parser.add_argument("--fault", help="planted fault, of a troupe_faulty")
    return parser


def parse_options(description, cycles):
    return option_parser(description, cycles).parse_args()


def working_directory():
    return tempfile.TemporaryDirectory(prefix="troupe-faults-")
