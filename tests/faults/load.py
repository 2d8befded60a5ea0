"""The load client: a process of its own that writes down what it sends before
it sends it, and each answer. It never takes the server's word for what it sent.

Reads its orders as JSON from stdin; ends when the server is gone, at SIGTERM
with what it has begun, or after `seconds`. `pace` is what a client rests between
two operations; `kinds` and `keyed` take the place of those below. Ledger lines:
  {"op", "type", "contact", "email"?, "key"?, "client", "t0"}   before
  {"op", "status", "id"?, "replayed"?, "t1"}                     after
An operation without an answer line is one the client knows nothing about.
"""
import asyncio
import itertools
import json
import random
import signal
import sys
import time

# What a client does, by weight.
KINDS = {"order.completed": 45, "timer.started": 12, "page.seen": 18,
         "new.contact": 12, "signed.up": 13}
KEYED = 0.8      # operations with an idempotency key
DOUBLED = 0.12   # keyed ones that are sent twice at once
RESENT = 0.08    # keyed ones that are sent again after the answer


class Gone(Exception):
    """The server ended the connection before the answer was there."""


class Connection:
    def __init__(self, port, key):
        self.port = port
        self.head = ("POST /v1/events HTTP/1.1\r\nHost: t\r\nAuthorization: "
                     f"Bearer {key}\r\nContent-Type: application/json\r\n")
        self.reader = self.writer = None

    async def post(self, body, key):
        """(status, document, whether it is a replay)"""
        text = json.dumps(body)
        head = self.head + f"Content-Length: {len(text)}\r\n"
        if key:
            head += f"Idempotency-Key: {key}\r\n"
        try:
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection(
                    "127.0.0.1", self.port)
            self.writer.write((head + "\r\n" + text).encode())
            raw = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
            fields = dict(line.split(": ", 1)
                          for line in raw.split("\r\n")[1:] if line)
            answer = await self.reader.readexactly(
                int(fields["content-length"]))
        except (OSError, asyncio.IncompleteReadError) as reason:
            raise Gone from reason
        if fields.get("connection") == "close":
            self.writer.close()
            self.writer = None
        return (int(raw[9:12]), json.loads(answer),
                fields.get("idempotent-replay") == "true")


class Client:
    def __init__(self, orders, number, ledger, counter):
        self.number = number
        self.random = random.Random(f"{orders['seed']}/{number}")
        self.contacts = orders["contacts"]
        self.prefix = orders["prefix"]
        self.forgotten = orders.get("forgotten", 0)
        self.kinds = orders.get("kinds", KINDS)
        self.keyed = orders.get("keyed", KEYED)
        self.pace = orders.get("pace", 0)
        self.ends = time.monotonic() + orders.get("seconds", 1e9)
        self.ledger = ledger
        self.counter = counter
        self.first = Connection(orders["port"], orders["api_key"])
        self.second = Connection(orders["port"], orders["api_key"])

    def note(self, line):
        self.ledger.write(json.dumps(line) + "\n")

    def begin(self, kind, contact, email=None):
        op = f"{self.prefix}.{next(self.counter)}"
        line = {"op": op, "type": kind, "contact": contact,
                "client": self.number}
        if email:
            line["email"] = email
        if self.random.random() < self.keyed:
            line["key"] = f"key {op}"
        line["t0"] = time.monotonic_ns()
        self.note(line)
        return line

    async def send(self, line, connection):
        contact = {"external_id": line["contact"]}
        if "email" in line:
            contact["email"] = line["email"]
        status, document, replayed = await connection.post(
            {"type": line["type"], "contact": contact,
             "metadata": {"op": line["op"]}}, line.get("key"))
        if self.forgotten and self.random.random() < self.forgotten:
            return  # lost on its way: the client knows nothing about it
        answer = {"op": line["op"], "status": status,
                  "t1": time.monotonic_ns()}
        if status == 200:
            answer |= {"id": document["id"], "replayed": replayed}
        else:
            answer["code"] = document["error"]["code"]
        self.note(answer)
        if status >= 500:  # less than Retry-After asks for, more than nothing
            await asyncio.sleep(0.1)

    async def both(self, one, other):
        """Two at the same instant; ends the client when either got lost."""
        outcomes = await asyncio.gather(self.send(one, self.first),
                                        self.send(other, self.second),
                                        return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def act(self):
        kind = self.random.choices(list(self.kinds), self.kinds.values())[0]
        if kind == "signed.up":
            pair = f"{self.prefix}.{next(self.counter)}"
            email = f"{pair}@example.com"
            await self.both(self.begin(kind, f"up.{pair}.a", email),
                            self.begin(kind, f"up.{pair}.b", email))
            return
        if kind == "new.contact":
            # Four operations, usually of four clients, share one contact.
            contact = f"new.{self.prefix}.{next(self.counter) // 4}"
        else:
            contact = f"usr.{self.random.randrange(self.contacts)}"
        line = self.begin(kind, contact)
        if "key" in line and self.random.random() < DOUBLED:
            await self.both(line, line)
            return
        await self.send(line, self.first)
        if "key" in line and self.random.random() < RESENT:
            await self.send(line, self.first)

    async def run(self, stopping):
        try:
            while not stopping.is_set() and time.monotonic() < self.ends:
                await self.act()
                if self.pace:
                    await asyncio.sleep(self.random.uniform(0, 2 * self.pace))
        except Gone:
            return


async def main():
    orders = json.load(sys.stdin)
    counter = itertools.count()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    with open(orders["ledger"], "a", encoding="utf-8") as ledger:
        await asyncio.gather(*(Client(orders, number, ledger, counter).run(
                                   stopping)
                               for number in range(orders["clients"])))


asyncio.run(main())
