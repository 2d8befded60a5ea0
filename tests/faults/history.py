"""The checker: client ledger against what the server has, rules 1 to 6.

  acknowledged  an acknowledged event is there exactly once, under its id
  invented      an event that no client sent is not there
  unanswered    without an answer: there once or not at all; a retry with the
                key says which
  half          state, runs, inbox and file agree with the events
  order         a contact's events are in an order the clients can have seen
  effects       each event's effects happen once, and arrive at least once
  identity      one contact per external_id, one owner per e-mail
  restart       after the fault the server comes back with what it had
  status        no answer that a correct client should not get
"""
import collections
import json
import urllib.parse

# Scores the sequences add, far enough apart to be told from each other.
ORDER_SCORE = 1
TIMER_SCORE = 1_000_000

SEQUENCES = [
    {"key": "orders", "status": "active", "reentry": "always",
     "trigger": {"any": [{"event": "order.completed"}]}, "entry": "add",
     "nodes": {"add": {"type": "update", "score_add": ORDER_SCORE,
                       "tags_add": ["buyer"], "then": "done"},
               "done": {"type": "exit"}}},
    {"key": "timers", "status": "active", "reentry": "always",
     "trigger": {"any": [{"event": "timer.started"}]}, "entry": "rest",
     "vars": {"op": {"var": "event.properties.op"}},
     "nodes": {"rest": {"type": "wait", "for": "1s", "then": "add"},
               "add": {"type": "update", "score_add": TIMER_SCORE,
                       "then": "tell"},
               "tell": {"type": "emit", "event": "timer.ended",
                        "properties": {"op": {"var": "run.vars.op"}},
                        "then": "done"},
               "done": {"type": "exit"}}},
]
SUBSCRIBED = "order.completed"
# An answer that says "not now": nothing happened, or nobody knows.
UNSURE = {500, 502, 503, 504}


class Operation:
    def __init__(self, line):
        self.op = line["op"]
        self.type = line["type"]
        self.contact = line["contact"]
        self.email = line.get("email")
        self.key = line.get("key")
        self.begun = line["t0"]
        self.ended = None  # of the last answer that acknowledged it
        self.ids = set()
        self.firsts = 0  # acknowledged answers that were no replay
        self.refusals = []
        self.unsure = 0

    def take(self, line):
        if line["status"] == 200:
            self.ids.add(line["id"])
            self.firsts += 0 if line["replayed"] else 1
            ended = line["t1"]
            self.ended = min(ended, self.ended or ended)
        elif line["status"] in UNSURE:
            self.unsure += 1
        elif line.get("code") != "idempotency_key_in_progress":
            self.refusals.append(line)


def read_ledger(path):
    """{op: Operation}"""
    operations = {}
    with open(path, encoding="utf-8") as ledger:
        for text in ledger:
            line = json.loads(text)
            if "t0" in line:
                operations[line["op"]] = Operation(line)
            else:
                operations[line["op"]].take(line)
    return operations


def fetch_events(server, known=None):
    """Oldest first, those after the event `known`."""
    newest_first = []
    target = "/v1/events?limit=100"
    while True:
        page = server.get(target)
        for event in page["data"]:
            if event["id"] == known:
                return newest_first[::-1]
            newest_first.append(event)
        if not page["has_more"]:
            return newest_first[::-1]
        target = "/v1/events?limit=100&cursor=" + urllib.parse.quote(
            page["next_cursor"])


def show_contact(server, external_id):
    """The contact, or None when there is none."""
    status, document, _ = server.ask(
        "GET", "/v1/contacts/external_id:" + urllib.parse.quote(external_id))
    return document if status == 200 else None


class History:
    """Everything sent and found so far, over all cycles."""

    def __init__(self):
        self.operations = {}
        self.events = []
        self.contact_ids = {}
        self.orders = collections.Counter()
        self.timers = collections.Counter()
        self.timers_ended = collections.Counter()
        self.violations = []

    def fail(self, rule, text):
        self.violations.append((rule, text))

    def check_cycle(self, operations, events, server, deliveries):
        """`operations` of this cycle; `events` found since the last one."""
        self.operations |= operations
        self.events += events
        found = collections.defaultdict(list)
        for event in events:
            self.check_origin(event, found)
        for operation in operations.values():
            self.check_operation(operation, found.get(operation.op, []))
        self.check_order(events)
        self.check_contacts({event["contact"]["external_id"]
                             for event in events}, server)
        self.check_emails(operations.values(), server)
        self.check_deliveries(deliveries)

    def check_period(self, operations, events):
        """As check_cycle, of a part of a long run: what is judged at its end,
        by check_end, is kept small, and what began may be under way."""
        self.operations |= operations
        found = collections.defaultdict(list)
        for event in events:
            self.check_origin(event, found)
        for operation in operations.values():
            self.check_operation(operation, found.get(operation.op, []))
        self.check_order(events)
        self.events += [{"id": each["id"], "type": each["type"],
                         "origin": each["origin"],
                         "metadata": {"op": each["metadata"].get("op")}}
                        for each in events
                        if each["type"] in (SUBSCRIBED, "timer.started")]
        for op in [each.op for each in operations.values()
                   if each.type != "timer.started"]:
            del self.operations[op]

    def check_end(self, server, deliveries):
        self.check_contacts(set(self.contact_ids), server)
        self.check_deliveries(deliveries)
        self.check_timers()

    def check_origin(self, event, found):
        who = event["contact"]["external_id"]
        op = event["metadata"].get("op")
        sent = self.operations.get(op)
        if event["origin"] != "client":
            self.timers_ended[op] += 1
            if sent is None or sent.type != "timer.started":
                self.fail("invented", f"no timer began {event}")
        elif sent is None or (sent.type, sent.contact) != (event["type"], who):
            self.fail("invented", f"nobody sent {event}")
        else:
            found[op].append(event)
            self.orders[who] += event["type"] == "order.completed"
            self.timers[who] += event["type"] == "timer.started"
        self.check_contact(event, who)

    def check_contact(self, event, who):
        known = self.contact_ids.setdefault(who, event["contact"]["id"])
        if known != event["contact"]["id"]:
            self.fail("identity", f"{who} is {known} and also "
                      f"{event['contact']['id']}")

    def check_operation(self, operation, events):
        ids = [event["id"] for event in events]
        if operation.refusals:
            self.fail("status", f"{operation.op}: {operation.refusals}")
        if operation.ids:
            if set(ids) != operation.ids or len(ids) != 1:
                self.fail("acknowledged", f"{operation.op} was acknowledged "
                          f"as {operation.ids} and is there as {ids}")
            if operation.firsts > 1 and operation.key:
                self.fail("acknowledged", f"{operation.op} was made "
                          f"{operation.firsts} times with one key")
        elif len(ids) > 1:
            self.fail("unanswered", f"{operation.op} is there as {ids}")

    def check_order(self, events):
        """In the order of one contact nothing ends before what it follows
        began."""
        begun = collections.defaultdict(int)
        for event in events:
            sent = self.operations.get(event["metadata"].get("op"))
            if sent is None or event["origin"] != "client" or not sent.ended:
                continue
            who = event["contact"]["id"]
            if sent.ended < begun[who]:
                self.fail("order", f"{sent.op} follows an event that began "
                          "after it was answered")
            begun[who] = max(begun[who], sent.begun)

    def check_contacts(self, names, server):
        for name in sorted(names):
            contact = show_contact(server, name)
            wanted = (self.orders[name] * ORDER_SCORE
                      + self.timers[name] * TIMER_SCORE)
            if contact is None:
                self.fail("half", f"{name} has events and is not there")
            elif contact["score"] != wanted:
                self.fail("effects", f"{name} has score {contact['score']} "
                          f"after {self.orders[name]} orders and "
                          f"{self.timers[name]} timers")
            elif ("buyer" in contact["tags"]) != (self.orders[name] > 0):
                self.fail("half", f"{name} has tags {contact['tags']} after "
                          f"{self.orders[name]} orders")

    def check_emails(self, operations, server):
        claims = collections.defaultdict(list)
        for operation in operations:
            if operation.email:
                claims[operation.email].append(operation)
        for email, claimants in claims.items():
            shown = [show_contact(server, each.contact) for each in claimants]
            owners = [each["external_id"] for each in shown
                      if each and each["email"] == email]
            if len(owners) > 1 or (not owners
                                   and any(each.ids for each in claimants)):
                self.fail("identity", f"{email} belongs to {owners}")

    def check_deliveries(self, deliveries):
        known = {event["id"] for event in self.events
                 if event["type"] == SUBSCRIBED}
        arrived = collections.Counter()
        for said, events in deliveries.items():
            if len(set(events)) != 1:
                self.fail("effects", f"{said} brought {set(events)}")
            arrived[events[0]] += 1
        for event in known - set(arrived):
            self.fail("effects", f"{event} was never delivered")
        for event in set(arrived) - known:
            self.fail("effects", f"{event} was delivered and is not there")
        for event, count in arrived.items():
            if count != 1:
                self.fail("effects", f"{event} has {count} delivery ids")

    def check_timers(self):
        """Once nothing is pending: every timer has ended, once."""
        for event in self.events:
            op = event["metadata"].get("op")
            if event["type"] == "timer.started" and event["origin"] == "client":
                if self.timers_ended[op] != 1:
                    self.fail("effects", f"the timer of {op} ended "
                              f"{self.timers_ended[op]} times")

    def check_all(self, server):
        """What was there once is there for ever."""
        now = [json.dumps(each, sort_keys=True)
               for each in fetch_events(server)]
        then = [json.dumps(each, sort_keys=True) for each in self.events]
        if now != then:
            lost = set(then) - set(now)
            self.fail("acknowledged", f"{len(lost)} events are gone or "
                      f"changed and {len(set(now) - set(then))} new: "
                      f"{sorted(lost)[:2]}")
