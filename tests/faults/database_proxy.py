"""Stands between the server and PostgreSQL, and takes the connection away
around a commit: what a network does that loses the answer, or the question.

A commit is the statement COMMIT on a connection that writes: one that moves its
lane (persistence/postgres/lane.cpp).
"""
import random

from database_line import READ_MAX, DatabaseLine

# What is lost, by weight.
REPLY = "reply"    # the commit is done, its answer does not pass
COMMIT = "commit"  # its statements pass, the commit does not
BOTH = "both"      # the commit passes, and at once nobody listens any more
KINDS = {REPLY: 8, COMMIT: 1, BOTH: 1}

MOVES_LANE = b"UPDATE lanes SET last_group"
COMMITTED = b"C\0\0\0\x0bCOMMIT\0"


def take_messages(buffer, begins_typed):
    """The whole messages at the front of the buffer, which loses them. Before
    the first typed one of a client there is one without a type."""
    found = []
    typed = begins_typed
    while True:
        head = 1 if typed else 0
        if len(buffer) < head + 4:
            return found
        end = head + int.from_bytes(buffer[head:head + 4], "big")
        if len(buffer) < end:
            return found
        found.append(bytes(buffer[:end]))
        del buffer[:end]
        typed = True


class Conversation:
    """One connection: which of its prepared statements are commits."""

    def __init__(self, choose):
        self.choose = choose
        self.commits, self.writes, self.planned = set(), False, None

    def asks_to_commit(self, message):
        if message[:1] == b"P":
            name, sql = message[5:].split(b"\0", 2)[:2]
            self.writes |= MOVES_LANE in sql
            if sql == b"COMMIT":
                self.commits.add(name)
        if not self.writes:
            return False
        if message[:1] == b"Q":
            return message[5:] == b"COMMIT\0"
        return (message[:1] == b"B"
                and message[5:].split(b"\0", 2)[1] in self.commits)

    def from_client(self, messages):
        """(what passes, what is lost or None)"""
        passing = b""
        for message in messages:
            if self.asks_to_commit(message):
                self.planned = self.choose()
                if self.planned == COMMIT:
                    return passing, COMMIT
            passing += message
            # What is asked ends with a Sync, or is a simple query.
            if self.planned == BOTH and message[:1] in (b"S", b"Q"):
                return passing, BOTH
        return passing, None

    def from_server(self, messages):
        passing = b""
        for message in messages:
            if self.planned == REPLY and message == COMMITTED:
                return passing, REPLY
            if message[:1] == b"Z":
                self.planned = None  # it failed before the commit
            passing += message
        return passing, None


class DatabaseProxy(DatabaseLine):
    """The line, which loses what it shall."""

    def __init__(self, server, seed):
        self.random = random.Random(f"proxy/{seed}")
        self.dropped = dict.fromkeys(KINDS, 0)
        self.commits = self.wanted = 0
        super().__init__(server)

    def drop(self, count):
        """So many more replies from now on, as commits come, and others
        between them."""
        self.wanted += count

    def choose(self):
        """What shall be lost of the commit that comes now."""
        self.commits += 1
        if self.wanted <= 0 or self.random.random() < 0.5:
            return None
        return self.random.choices(list(KINDS), KINDS.values())[0]

    def count(self, lost):
        self.dropped[lost] += 1
        self.wanted -= lost == REPLY

    def ways(self, client_reader, client_writer, server_reader, server_writer):
        talk = Conversation(self.choose)
        return [self.pass_on(client_reader, server_writer, talk.from_client,
                             False),
                self.pass_on(server_reader, client_writer, talk.from_server,
                             True)]

    async def pass_on(self, reader, writer, judge, typed):
        buffer = bytearray()
        try:
            while data := await reader.read(READ_MAX):
                buffer += data
                messages = take_messages(buffer, typed)
                typed = typed or bool(messages)
                passing, lost = judge(messages)
                writer.write(passing)
                await writer.drain()
                if lost:
                    self.count(lost)
                    return
        except OSError:
            pass  # either end is gone
