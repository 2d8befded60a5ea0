"""Persons who are met by their telephone first, then by their address, and then
by the product's own id: at the third event the other two become one with it.
They live in a workspace of their own."""
import http.client
import json
import threading

EVENTS = 3


def phone_of(number):
    return f"+4420{70_000_000 + number}"


class Merges:
    def __init__(self, server, rest_seconds):
        self.server = server
        self.rest_seconds = rest_seconds
        self.key = server.create("/v1/workspaces", {"name": "merges"})["key"]
        self.made = 0
        self.wrong = []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def begin(self):
        self.thread.start()

    def end(self):
        self.ends.set()
        self.thread.join(30)

    def ask(self, method, path, body=None, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                timeout=15)
        headers = {"Authorization": "Bearer " + self.key,
                   "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            connection.request(method, path, body and json.dumps(body),
                               headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def send(self, number, step, contact):
        """Until it is answered 200: the key makes that safe."""
        while True:
            try:
                status, document = self.ask(
                    "POST", "/v1/events",
                    {"type": "met", "contact": contact},
                    f"merge {number} {step}")
            except OSError:
                status = 503
            if status == 200:
                return
            if status < 500:
                self.wrong.append(f"person {number}: {status} {document}")
                return
            self.ends.wait(0.2)

    def run(self):
        number = 0
        while not self.ends.wait(self.rest_seconds):
            phone = {"phone": phone_of(number)}
            address = {"email": f"{number}@example.com"}
            self.send(number, 1, phone)
            self.send(number, 2, address)
            self.send(number, 3, {"external_id": f"person.{number}"} | address
                      | phone)
            number += 1
            self.made = number

    def check(self, history):
        """Every person is one contact with three events."""
        for text in self.wrong:
            history.fail("status", text)
        for number in range(self.made):
            status, contact = self.ask(
                "GET", f"/v1/contacts/external_id:person.{number}")
            if status != 200 or contact["email"] != f"{number}@example.com" \
                    or contact["phone"] != phone_of(number):
                history.fail("identity", f"person {number}: {contact}")
                continue
            status, page = self.ask(
                "GET", f"/v1/contacts/{contact['id']}/timeline?limit=50")
            met = [each for each in page["data"] if each.get("type") == "met"
                   or each.get("event", {}).get("type") == "met"]
            if len(met) != EVENTS:
                history.fail("identity", f"person {number} was met "
                             f"{len(met)} times: {page}")
