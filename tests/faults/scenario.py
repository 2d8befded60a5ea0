"""A fixed course of some fifty operations, one after the other by one client:
events with and without keys, e-mails, an adoption, a merge, timers, webhooks.

It may end anywhere; `complete` then does what is left over, and asks again with
its key whatever got no answer. What is there in the end is known beforehand.
"""
import http.client
import json
import time

import history

DRAIN_SECONDS = 60
GONE = (OSError, http.client.HTTPException)
PEOPLE = 4


def steps():
    """(type, what the contact is called, identities)"""
    def person(number):
        return f"usr.{number}", {"external_id": f"usr.{number}"}

    for number in range(3):
        yield "timer.started", *person(number)
    for number in range(8):
        yield "order.completed", *person(number % PEOPLE)
    yield "page.seen", "anon.adopted", {"anonymous_id": "anon.adopted"}
    yield "page.seen", "anon.merged", {"anonymous_id": "anon.merged"}
    yield "order.completed", "anon.merged", {"anonymous_id": "anon.merged"}
    for number in range(10):
        yield "page.seen", *person(number)
    yield "signed.up", "usr.adopting", {"external_id": "usr.adopting",
                                        "anonymous_id": "anon.adopted"}
    yield "order.completed", *person(0)
    yield "signed.up", "usr.0", {"external_id": "usr.0",
                                 "anonymous_id": "anon.merged"}
    for number in range(4):
        email = f"{number // 2}@example.com"  # every one is claimed twice
        yield "signed.up", f"up.{number}", {"external_id": f"up.{number}",
                                            "email": email}
    for number in range(16):
        yield "order.completed", *person(number % PEOPLE)


class ScenarioHistory(history.History):
    """Who was sent without an external_id goes by what the scenario calls it.
    """

    def check_contact(self, event, who):
        # An event may come before the merge, or, when it was refused, after it.
        if not who.startswith("anon."):
            super().check_contact(event, who)

    def check_contacts(self, names, server):
        known = {name for name in names if not name.startswith("anon.")}
        self.orders["usr.0"] += self.orders.pop("anon.merged", 0)
        super().check_contacts(known, server)
        merged = history.show_contact(server, "usr.0")
        wanted = {event["contact"]["id"] for event in self.events
                  if event["contact"]["external_id"] == "anon.merged"}
        if set(merged["absorbed"]) != wanted - {merged["id"]}:
            self.fail("identity", f"usr.0 absorbed {merged['absorbed']}, not "
                      f"{wanted}")
        adopting = history.show_contact(server, "usr.adopting")
        if adopting["absorbed"] or adopting["anonymous_ids"] != [
                "anon.adopted"]:
            self.fail("identity", f"an adoption came to {adopting}")


class Scenario:
    def __init__(self, store, sink):
        self.store = store
        self.sink = sink
        self.history = ScenarioHistory()
        self.operations = {}
        self.bodies = {}
        for number, (kind, name, who) in enumerate(steps()):
            line = {"op": f"op.{number}", "type": kind, "contact": name,
                    "t0": None}
            if "email" in who:
                line["email"] = who["email"]
            if number % 4 != 3:
                line["key"] = f"key {number}"
            self.operations[line["op"]] = history.Operation(line)
            self.bodies[line["op"]] = {"type": kind, "contact": who,
                                       "metadata": {"op": line["op"]}}

    def send(self, server, operation):
        """The status; raises one of GONE when there was no answer."""
        operation.begun = operation.begun or time.monotonic_ns()
        status, document, replayed = server.ask(
            "POST", "/v1/events", self.bodies[operation.op], operation.key)
        line = {"op": operation.op, "status": status, "replayed": replayed,
                "t1": time.monotonic_ns()}
        if status == 200:
            line["id"] = document["id"]
        operation.take(line)
        return status

    def run(self, server):
        """(the statuses of the answers, whether it got to its end)"""
        statuses = []
        try:
            for operation in self.operations.values():
                statuses.append(self.send(server, operation))
            return statuses, not self.drain(server)
        except GONE:
            return statuses, False

    def drain(self, server=None):
        """@returns what is left"""
        until = time.monotonic() + DRAIN_SECONDS
        while left := self.store.pending():
            if time.monotonic() > until:
                return left
            if server and server.process.poll() is not None:
                return left
            time.sleep(0.02)
        return {}

    def events(self, server):
        events = history.fetch_events(server)
        for event in events:
            operation = self.operations.get(event["metadata"].get("op"))
            if operation and operation.contact.startswith("anon."):
                event["contact"]["external_id"] = operation.contact
        return events

    def complete(self, server):
        present = {event["metadata"]["op"]: event["id"]
                   for event in self.events(server)
                   if event["origin"] == "client"}
        for operation in self.operations.values():
            was_sent = operation.begun is not None
            if operation.ids or (was_sent and not operation.key):
                continue
            before = operation.firsts
            if self.send(server, operation) != 200:
                self.history.fail("status", f"{operation.op} got "
                                  f"{operation.refusals}")
            elif (operation.firsts > before) == (operation.op in present):
                self.history.fail("unanswered", f"{operation.op} is there as "
                                  f"{present.get(operation.op)}: its retry is "
                                  "answered otherwise")
        self.check(server)

    def check(self, server):
        if left := self.drain():
            self.history.fail("effects", f"never done: {left}")
        self.history.check_cycle(self.operations, self.events(server), server,
                                 self.sink.snapshot())
        self.history.check_timers()
        for what, rows in self.store.contradictions():
            self.history.fail("half", f"{what}: {rows}")


def set_up(server, sink):
    for sequence in history.SEQUENCES:
        server.create("/v1/sequences", sequence)
    endpoint = server.create("/v1/webhooks", {"url": sink.url,
                                              "events": [history.SUBSCRIBED]})
    sink.use_secret(endpoint["signing_secret"])


def show(violations):
    return "\n".join(f"VIOLATION {rule}: {json.dumps(text)}"
                     for rule, text in violations)
