#!/usr/bin/env python3
"""F19: inputs whose decision throws, ends the process or never ends (U6), in a
`troupe_faulty` that is started again whenever it ends, as a service manager
does.

    tests/faults/poison.py BINARY --loops

Each is parked, after at most three deaths of the process; its contact goes on
with what comes next, contacts beside it notice no more than the restarts, and
no later start meets it again. It comes from outside, from another turn and as
a timer; one kind asks for history first and dies with it. What never ends takes
a minute each: --loops adds it.
"""
import argparse
import http.client
import json
import random
import sys
import threading
import time

import campaign
from server import Server
from store_file import StoreFile

DEATHS = 3
PATIENCE = 60
LOOP_PATIENCE = 180  # three times what a decision may take at most
SOURCES = ("event", "inbox", "timer")
NEIGHBOURS_FLOOR = 10  # events that are answered beside each input


def sequences(kind):
    """One whose turn sends the poison, and one whose timer is the poison."""
    return [
        {"key": f"sends_{kind}", "status": "active", "reentry": "always",
         "trigger": {"any": [{"event": f"begin.inbox.{kind}"}]},
         "entry": "tell",
         "nodes": {"tell": {"type": "emit", "event": f"poison.{kind}",
                            "then": "done"}, "done": {"type": "exit"}}},
        {"key": f"poison_{kind}", "status": "active", "reentry": "always",
         "trigger": {"any": [{"event": f"begin.timer.{kind}"}]},
         "entry": "rest",
         "nodes": {"rest": {"type": "wait", "for": "1s", "then": "done"},
                   "done": {"type": "exit"}}}]


class Service:
    """Starts the server again whenever it ends; counts the deaths."""

    def __init__(self, server):
        self.server = server
        self.deaths = 0
        self.ends = threading.Event()
        self.lock = threading.Lock()
        self.failure = None
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        in_a_row = 0
        while not self.ends.wait(0.02):
            if self.server.process.poll() is None:
                continue
            with self.lock:
                self.deaths += 1
                try:
                    self.server.start()
                    in_a_row = 0
                except RuntimeError as reason:
                    in_a_row += 1
                    if in_a_row > DEATHS:
                        self.failure = reason
                        return

    def ask(self, method, path, body=None, key=None):
        """(status, document), or 0 when the server ended meanwhile."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                timeout=15)
        headers = {"Authorization": "Bearer " + self.server.key,
                   "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            connection.request(method, path, body and json.dumps(body),
                               headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()

    def send(self, contact, kind, key=None, patience=PATIENCE):
        """As a client does, with its key, until it is answered; the answer."""
        until = time.monotonic() + patience
        while True:
            status, document = self.ask(
                "POST", "/v1/events",
                {"type": kind, "contact": {"external_id": contact}}, key)
            if status == 200:
                return document
            is_asked_again = status == 0 or status >= 500 or status == 409
            if self.failure or time.monotonic() > until \
                    or not is_asked_again:
                raise RuntimeError(f"{kind} of {contact}: {status} {document}, "
                                   f"{self.failure}")
            time.sleep(0.05)

    def end(self):
        self.ends.set()
        self.thread.join(30)


class Neighbours:
    """Other contacts, all the time."""

    def __init__(self, service):
        self.service = service
        self.ids = []
        self.faults = []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        number = 0
        while not self.ends.wait(0.01):
            try:
                answer = self.service.send(f"neighbour.{number % 50}",
                                           "lived", f"neighbour {number}")
                self.ids.append(answer["id"])
            except RuntimeError as reason:
                self.faults.append(str(reason))
                return
            number += 1

    def end(self):
        self.ends.set()
        self.thread.join(LOOP_PATIENCE)


class Poison:
    def __init__(self, options, directory):
        self.options = options
        self.store = StoreFile(directory + "/data")
        self.server = Server(options.binary, directory, self.store.data)
        self.server.environment["PLANTED_POISON"] = "1"
        self.kinds = ["throws", "aborts", "recall"]
        self.kinds += ["loops"] if options.loops else []
        self.faults = []
        self.cases = 0

    def fail(self, text):
        self.faults.append(text)

    def parked(self, service, contact):
        """What its timeline says of what was parked."""
        status, page = service.ask(
            "GET", f"/v1/contacts/external_id:{contact}/timeline?limit=50")
        if status != 200:
            return []
        return [each for each in page["data"] if each["kind"] == "parked"]

    def wait_parked(self, service, contact, patience):
        until = time.monotonic() + patience
        while not (found := self.parked(service, contact)):
            if service.failure or time.monotonic() > until:
                raise RuntimeError(f"{contact}: not parked after "
                                   f"{service.deaths} deaths, "
                                   f"{service.failure}")
            time.sleep(0.05)
        return found

    def run_case(self, service, neighbours, source, kind):
        contact = f"victim.{source}.{kind}"
        patience = LOOP_PATIENCE if kind == "loops" else PATIENCE
        before, lived = service.deaths, len(neighbours.ids)
        service.send(contact, "lived")
        if source == "event":
            service.send(contact, f"poison.{kind}", f"key {contact}", patience)
        else:
            service.send(contact, f"begin.{source}.{kind}", f"key {contact}")
        found = self.wait_parked(service, contact, patience)
        deaths = service.deaths - before
        if deaths != (0 if kind == "throws" else DEATHS):
            self.fail(f"{contact}: parked after {deaths} deaths")
        if len(found) != 1 or not found[0].get("failure"):
            self.fail(f"{contact}: {found}")
        service.send(contact, "lived", f"after {contact}")
        status, document = service.ask(
            "GET", f"/v1/contacts/external_id:{contact}")
        if status != 200:
            self.fail(f"{contact}: {status} {document}")
        beside = len(neighbours.ids) - lived
        print(f"{source} that {kind}: parked after {deaths} deaths, {beside} "
              f"events of neighbours meanwhile", flush=True)
        until = time.monotonic() + PATIENCE
        while len(neighbours.ids) < lived + NEIGHBOURS_FLOOR:
            if neighbours.faults or time.monotonic() > until:
                self.fail(f"{contact}: its neighbours stand still")
                break
            time.sleep(0.01)
        self.cases += 1

    def ask_until(self, service, method, path, body, wanted):
        """As a client without a key does, until it is answered so."""
        until = time.monotonic() + PATIENCE
        while True:
            status, document = service.ask(method, path, body)
            if status == wanted:
                return document
            if status not in (0, 503) or time.monotonic() > until:
                raise RuntimeError(f"{method} {path} {body}: {status} "
                                   f"{document}")
            time.sleep(0.05)

    def check_deaths(self, service, before, kind, contact):
        deaths = service.deaths - before
        print(f"{contact}: parked after {deaths} deaths", flush=True)
        if deaths != (0 if kind == "throws" else DEATHS):
            self.fail(f"{contact}: parked after {deaths} deaths")
        if len(found := self.parked(service, contact)) != 1:
            self.fail(f"{contact}: {found}")

    def run_write(self, service, kind):
        """One that is parked wrote nothing, and says so; others go on."""
        contact = f"writer.{kind}"
        path = f"/v1/contacts/external_id:{contact}"
        service.send(contact, "lived")
        before = service.deaths
        document = self.ask_until(service, "PATCH", path,
                                  {"attributes": {"poison": f"poison.{kind}"}},
                                  500)
        if document["code"] != "decision_failed":
            self.fail(f"{contact}: {document}")
        self.check_deaths(service, before, kind, contact)
        document = self.ask_until(service, "PATCH", path,
                                  {"attributes": {"name": "Ada"}}, 200)
        if document["attributes"] != {"name": "Ada"}:
            self.fail(f"{contact}: {document}")

    def run_merge(self, service, kind):
        """The event is parked that would have made them one."""
        one, other = f"joins.{kind}", f"poison.{kind}"
        for each in (one, other):
            self.ask_until(service, "POST", "/v1/events", {
                "type": "lived", "contact": {
                    "external_id" if each == one else "anonymous_id": each}},
                200)
        before = service.deaths
        self.ask_until(service, "POST", "/v1/events", {
            "type": "signed.up", "contact": {"external_id": one,
                                             "anonymous_id": other}}, 200)
        self.check_deaths(service, before, kind, one)
        service.send(one, "lived", f"after {one}")

    def check_restart(self, service):
        """All of it is behind the server; kill -9 does not bring it back."""
        before = service.deaths
        self.server.process.kill()
        while service.deaths == before:
            time.sleep(0.05)
        with service.lock:
            pass  # it is started
        for source in SOURCES:
            for kind in self.kinds:
                contact = f"victim.{source}.{kind}"
                service.send(contact, "lived", f"later {contact}")
                if len(self.parked(service, contact)) != 1:
                    self.fail(f"{contact}: {self.parked(service, contact)}")
        if service.deaths != before + 1:
            self.fail(f"{service.deaths - before} deaths after kill -9")
        if left := self.store.pending():
            self.fail(f"left over: {left}")

    def check_neighbours(self, service, neighbours):
        for text in neighbours.faults:
            self.fail(text)
        if len(set(neighbours.ids)) != len(neighbours.ids):
            self.fail("two events of neighbours have one id")
        for number in random.sample(range(50), 10):
            wanted = len(neighbours.ids[number::50])
            status, page = service.ask(
                "GET", f"/v1/contacts/external_id:neighbour.{number}/timeline"
                "?limit=200")
            found = [each for each in page["data"] if each["kind"] == "event"]
            if len(found) != min(wanted, 200):
                self.fail(f"neighbour {number} has {len(found)} of {wanted}")

    def run(self):
        self.server.start()
        for kind in self.kinds:
            for sequence in sequences(kind):
                self.server.create("/v1/sequences", sequence)
        service = Service(self.server)
        neighbours = Neighbours(service)
        try:
            for kind in self.kinds:
                for source in SOURCES:
                    self.run_case(service, neighbours, source, kind)
            for kind in ("throws", "aborts"):
                self.run_write(service, kind)
                self.run_merge(service, kind)
            neighbours.end()
            self.check_restart(service)
            self.check_neighbours(service, neighbours)
        except RuntimeError as reason:
            self.fail(str(reason))
        finally:
            neighbours.ends.set()
            service.end()
            if self.server.process.poll() is None:
                self.server.kill()
        print(f"{self.cases} inputs, {service.deaths} deaths, "
              f"{len(neighbours.ids)} events of neighbours")
        for text in self.faults[:campaign.SHOWN]:
            print("VIOLATION", text)
        if self.faults:
            return 1
        return 0 if self.cases == len(SOURCES) * len(self.kinds) \
            and service.deaths >= DEATHS else campaign.VOID


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", help="the troupe_faulty binary")
    parser.add_argument("--loops", action="store_true")
    options = parser.parse_args()
    with campaign.working_directory() as directory:
        return Poison(options, directory).run()


sys.exit(main())
