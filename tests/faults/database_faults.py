#!/usr/bin/env python3
"""F4 (b), (d) to (g): what happens to a database while the server runs under
load. In every cycle each of these, in random order:

  stands_still    the processes behind the server's connections, or one of them,
                  stand still for up to 12 s
  slow_line       64 kbit/s pass between server and database
  terminated      somebody ends some of the server's connections, or all
  no_connections  others have all that the database lets in, the server has none
  failover        the database is killed; its standby takes over

    tests/faults/database_faults.py BINARY --cycles 50 --faults failover

The server stays up through all of them: what it cannot do is answered 503 in
time, and soon after the relief it is ready by itself and stores events. Every
acknowledged event is there once, and so on. With --fault standby_not_awaited
the standby lacks what was acknowledged last: that must be noticed.
"""
import collections
import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import sys
import threading
import time

import campaign
import store_database
from database_line import SOCKET, DatabaseLine

READY_SECONDS = 20    # after the relief
STORES_SECONDS = 20   # after that
AWAY_SECONDS = 30
# The deadline of a request is 10 s, what answers it has one more; the rest is
# for a busy machine.
ANSWER_SECONDS_MAX = 15
STILL_SECONDS = (0.2, 12)
SLOW_SECONDS = (3, 20)
SLOW_BYTES_PER_SECOND = 64_000 // 8
HELD_SECONDS = (0, 4)
FORGOTTEN = 0.03      # answers that clients lose as well

DATABASE, OWNER, OTHER = "store", "served", "other"
SETTINGS = ["max_connections=24", "superuser_reserved_connections=8"]

BACKENDS = f"SELECT pid FROM pg_stat_activity WHERE usename = '{OWNER}'"
WRITER = ("SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database"
          f" WHERE locktype = 'advisory' AND granted AND datname = '{DATABASE}'")
END = "SELECT pg_terminate_backend(pid) FROM unnest('{%s}'::int[]) pid"
SENDERS = "SELECT pid FROM pg_stat_replication"
STANDBY = "SELECT state, sync_state FROM pg_stat_replication"
BEHIND = "SELECT count(*) FROM pg_stat_replication WHERE flush_lsn < '%s'"


def wait_until(is_so, what, seconds=campaign.PATIENCE_SECONDS):
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def open_session(directory, user, database):
    """A connection that its database lets in, or None when it has no more.
    @raises RuntimeError when it says something else"""
    talk = socket.socket(socket.AF_UNIX)
    talk.settimeout(campaign.PATIENCE_SECONDS)
    talk.connect(str(pathlib.Path(directory) / SOCKET))
    body = (196_608).to_bytes(4, "big") + (
        f"user\0{user}\0database\0{database}\0\0".encode())
    talk.sendall((len(body) + 4).to_bytes(4, "big") + body)
    said = b""
    while not said.endswith(b"Z\0\0\0\5I"):
        part = talk.recv(4096)
        said += part
        if not part:
            talk.close()
            if b"C53300\0" in said:
                return None
            raise RuntimeError(f"the database does not let in: {said}")
    return talk


def send_signal(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class Readers:
    """Ask for what is stored all the time, and want to hear in time."""

    def __init__(self, server, count=2):
        self.server = server
        self.statuses = collections.Counter()
        self.faults = []
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True)
                        for _ in range(count)]

    def __enter__(self):
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for each in self.threads:
            each.join(campaign.PATIENCE_SECONDS)

    def run(self):
        while not self.done.is_set():
            begun = time.monotonic()
            try:
                status = self.ask()
            except (OSError, http.client.HTTPException) as reason:
                status = repr(reason)
            took = time.monotonic() - begun
            self.statuses[status] += 1
            if status not in (200, 503) or took > ANSWER_SECONDS_MAX:
                self.faults.append(f"a read got {status} after {took:.1f} s")
            self.done.wait(0.05)

    def ask(self):
        talk = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                          timeout=60)
        with contextlib.closing(talk):
            talk.request("GET", "/v1/events?limit=5", headers={
                "Authorization": "Bearer " + self.server.key})
            answer = talk.getresponse()
            answer.read()
            return answer.status


class Database:
    """The cluster that the server's line leads to, which can become another."""

    def __init__(self, directory):
        self.cluster = store_database.Cluster(*SETTINGS)
        self.standby = None
        self.line = DatabaseLine(self.cluster.directory)
        admin = store_database.StoreDatabase(self.cluster.url("postgres"), "")
        for each in (f"CREATE ROLE {OWNER} LOGIN", f"CREATE ROLE {OTHER} LOGIN",
                     f"CREATE DATABASE {DATABASE} OWNER {OWNER}"):
            admin.ask(each)
        self.store = store_database.StoreDatabase(
            self.cluster.url(DATABASE), directory + "/data",
            through=self.line.url(DATABASE, OWNER))

    def backends(self):
        return [int(pid) for pid in self.store.ask(BACKENDS)]

    def end_backends(self, pids):
        """How many of them were there."""
        said = self.store.ask(END % ",".join(map(str, pids)))
        return said.count("t")

    def add_standby(self, is_awaited):
        """@param is_awaited: commits are in both when this is done; or it gets
        none from now on"""
        self.standby = store_database.Cluster(*SETTINGS,
                                              standby_of=self.cluster)
        wait_until(lambda: self.store.ask(STANDBY) == ["streaming|async"],
                   "the standby follows")
        if not is_awaited:
            send_signal(map(int, self.store.ask(SENDERS)), signal.SIGSTOP)
            return
        self.store.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.store.ask("SELECT pg_reload_conf()")
        wait_until(lambda: self.store.ask(STANDBY) == ["streaming|sync"],
                   "commits wait for the standby")

    def wait_for_standby(self):
        """It has what was committed before."""
        now = self.store.ask("SELECT pg_current_wal_insert_lsn()")[0]
        wait_until(lambda: not self.store.count(BEHIND % now),
                   "the standby has all")

    def promote(self):
        """@pre the cluster was killed"""
        self.cluster.close()
        self.cluster, self.standby = self.standby, None
        self.store.url = self.cluster.url(DATABASE)
        if self.store.ask("SELECT pg_promote()") != ["t"]:
            raise RuntimeError("the standby does not take over")

    def close(self):
        self.line.close()
        for each in (self.cluster, self.standby):
            if each:
                each.close()


class Faults:
    """`done`: how many of each; `details`: what they did
    @param loses: a failover loses what was committed last"""

    def __init__(self, database, names, seed, loses):
        self.database = database
        self.names = names
        self.loses = loses
        self.random = random.Random(f"faults/{seed}")
        self.done = dict.fromkeys(names, 0)
        self.details = collections.Counter()
        self.reads = collections.Counter()
        self.ready_seconds_max = self.stores_seconds_max = 0.0

    def __call__(self, server):
        with Readers(server) as readers:
            for name in self.random.sample(self.names, len(self.names)):
                getattr(self, name)(server)
                self.await_recovery(name, server)
                self.done[name] += 1
        self.reads += readers.statuses
        if readers.faults:
            raise RuntimeError("; ".join(readers.faults[:campaign.SHOWN]))

    def await_recovery(self, name, server):
        """@pre the database can be used again"""
        relief = time.monotonic()
        wait_until(lambda: self.storage(server) == "ok",
                   f"ready again after {name}", READY_SECONDS)
        ready = time.monotonic()
        stored = server.metric("troupe_events_total")
        wait_until(lambda: server.metric("troupe_events_total") > stored,
                   f"events are stored after {name}", STORES_SECONDS)
        self.ready_seconds_max = max(self.ready_seconds_max, ready - relief)
        self.stores_seconds_max = max(self.stores_seconds_max,
                                      time.monotonic() - relief)

    def storage(self, server):
        if (code := server.process.poll()) is not None:
            raise RuntimeError(f"the server ended with {code}")
        return server.ask("GET", "/readyz")[1]["checks"]["storage"]

    def await_away(self, server):
        wait_until(lambda: self.storage(server) == "away",
                   "it says that the database is away", AWAY_SECONDS)

    def await_backends(self):
        """Those there are, one at least."""
        found = []

        def are_there():
            found[:] = self.database.backends()
            return found

        wait_until(are_there, "the server has connections")
        return found

    def stands_still(self, _):
        which = self.random.choice(["all", "all", "the writer", "one"])
        pids = self.await_backends()
        if which == "the writer":
            pids = [int(pid) for pid in self.database.store.ask(WRITER)]
        elif which == "one":
            pids = self.random.sample(pids, 1)
        if not pids:
            raise RuntimeError("nobody writes")
        # Nobody asks the database meanwhile: it may wait for what these hold.
        try:
            send_signal(pids, signal.SIGSTOP)
            time.sleep(self.random.uniform(*STILL_SECONDS))
        finally:
            send_signal(pids, signal.SIGCONT)
        self.details[f"stands of {which}"] += 1

    def slow_line(self, _):
        line = self.database.line
        before = line.slowed_bytes
        line.bytes_per_second = SLOW_BYTES_PER_SECOND
        time.sleep(self.random.uniform(*SLOW_SECONDS))
        line.bytes_per_second = 0
        passed = line.slowed_bytes - before
        if not passed:
            raise RuntimeError("nothing passed the slow line")
        self.details["bytes slowed"] += passed

    def terminated(self, _):
        for _ in range(self.random.randint(2, 5)):
            pids = self.await_backends()
            some = self.random.sample(pids, self.random.randint(1, len(pids)))
            self.details["connections ended"] += self.database.end_backends(
                some)
            time.sleep(self.random.uniform(0, 1))

    def no_connections(self, server):
        with contextlib.ExitStack() as taken:
            self.take_connections(taken)
            self.await_away(server)
            time.sleep(self.random.uniform(*HELD_SECONDS))
            if self.database.backends():
                raise RuntimeError("the server was let in")

    def take_connections(self, taken):
        """All there are, those of the server as well."""
        until = time.monotonic() + campaign.PATIENCE_SECONDS
        while time.monotonic() < until:
            if talk := open_session(self.database.cluster.directory, OTHER,
                                    DATABASE):
                taken.enter_context(talk)
                self.details["connections taken"] += 1
            elif pids := self.database.backends():
                self.database.end_backends(pids)
            else:
                return
        raise RuntimeError("the server keeps its connections")

    def failover(self, server):
        """In half of the cases the address leads to the standby before that has
        taken over."""
        database = self.database
        is_early = self.random.random() < 0.5
        database.add_standby(is_awaited=not self.loses)
        time.sleep(self.random.uniform(0.5, 1.5))
        if not self.loses:
            database.wait_for_standby()
        database.cluster.kill()
        if is_early:
            database.line.server = database.standby.directory
        if self.random.random() < 0.5:
            self.await_away(server)
        database.promote()
        database.line.server = database.cluster.directory
        self.details["failovers to a standby"] += is_early


FAULTS = ["stands_still", "slow_line", "terminated", "no_connections",
          "failover"]


class TimelyCampaign(campaign.Campaign):
    """Every answer comes in time. `codes`: of those that said "not now" """

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.codes = collections.Counter()

    def load_until_crash(self, cycle):
        operations = super().load_until_crash(cycle)
        begun, late = {}, {}
        with open(self.directory / f"ledger.{cycle}",
                  encoding="utf-8") as ledger:
            for line in map(json.loads, ledger):
                if "t0" in line:
                    begun[line["op"]] = line["t0"]
                    continue
                if "code" in line:
                    self.codes[line["code"]] += 1
                # Asked again, it has another line that begins; only the first
                # answer is to that one's request.
                took = (line["t1"] - begun.pop(line["op"], line["t1"])) / 1e9
                if took > ANSWER_SECONDS_MAX:
                    late[line["op"]] = took
        for op, took in late.items():
            self.history.fail("status", f"{op} was answered after {took:.1f} s")
        return operations


def parse_options():
    parser = campaign.option_parser(__doc__, cycles=2)
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=FAULTS,
                        metavar="NAME", help="these only, in every cycle")
    return parser.parse_args()


def main():
    options = parse_options()
    if not store_database.is_installed():
        print("skipped: needs PostgreSQL")
        return campaign.SKIPPED
    loses = options.fault == "standby_not_awaited"
    if loses:
        options.fault, options.faults = None, ["failover"]
    with campaign.working_directory() as directory:
        database = Database(directory)
        try:
            faults = Faults(database, options.faults, options.seed, loses)
            run = TimelyCampaign(options, database.store, directory, faults,
                                 survives=True, forgotten=FORGOTTEN)
            code = run.run()
        finally:
            database.close()
    print(f"{faults.done}, {dict(faults.details)}; ready again after at most "
          f"{faults.ready_seconds_max:.1f} s, events stored after "
          f"{faults.stores_seconds_max:.1f} s; reads by status "
          f"{dict(faults.reads)}, refusals {dict(run.codes)}")
    if code == 0 and min(faults.done.values()) < options.cycles:
        return campaign.VOID
    return code


sys.exit(main())
