#!/usr/bin/env python3
"""F11: clients that are slow on purpose, held open in great numbers, with a
healthy client beside them that is to notice nothing (H3, H4).

    tests/faults/slow_clients.py BINARY --clients 10000 --seconds 300

The kinds: `head` sends a line of a head every two seconds, `trickle` a byte of
a body, `body` as much of a body as must be sent, `read` asks for much and reads
nothing, `idle` says nothing. What the server ends is opened again. Without
--seconds it stops when each kind that ends soon has been ended: that is the
form that runs as a test, which looks at no clock. With it, it compares the
healthy client's times with and without the slow ones (goal 8).
"""
import argparse
import collections
import heapq
import multiprocessing
import pathlib
import resource
import select
import socket
import sys
import tempfile
import time
import urllib.request

from server import Server

PATIENCE = 90          # seconds, for what should be over long before
DRIP_SECONDS = 2
BODY_BYTES = 500_000   # at 500 B/s longer than its deadline
SOURCES = [f"127.0.0.{last}" for last in range(2, 6)]
KINDS = ("head", "trickle", "body", "read", "idle")
ENDED_SOON = ("head", "trickle", "read")
EVENT = (b'{"type":"healthy.sent","contact":{"external_id":"usr_healthy"},'
         b'"metadata":{"n":1}}')


def request(line, key, fields=b"", body=b""):
    return (line + b" HTTP/1.1\r\nHost: troupe\r\nAuthorization: Bearer "
            + key.encode() + b"\r\n" + fields + b"\r\n" + body)


def event(key):
    length = b"Content-Length: %d\r\n" % len(EVENT)
    return request(b"POST /v1/events", key,
                   b"Content-Type: application/json\r\n" + length, EVENT)


class Slow:
    """One connection of a kind, from its opening to its end."""

    def __init__(self, kind, source, port, key):
        self.kind, self.opened, self.answer = kind, time.monotonic(), b""
        self.socket = socket.socket()
        if kind == "read":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        length = b"Content-Type: application/json\r\nContent-Length: %d\r\n"
        self.drip = b""
        if kind == "head":
            self.send(b"GET /healthz HTTP/1.1\r\nHost: troupe\r\n")
            self.drip = b"X: a\r\n"
        elif kind in ("trickle", "body"):
            self.send(request(b"POST /v1/events/import", key,
                              length % BODY_BYTES))
            self.drip = b" " * (1 if kind == "trickle" else 1_500)
            self.send(self.drip)
        elif kind == "read":
            self.send(request(b"GET /openapi.json", key) * 40)

    def send(self, data):
        try:
            self.socket.send(data)
        except OSError:
            pass  # its end is read


class Crowd:
    """Holds so many of them open, in this process."""

    def __init__(self, port, key, count):
        self.port, self.key, self.count = port, key, count
        self.poll = select.epoll()
        self.open, self.due = {}, []
        self.held = collections.defaultdict(list)  # seconds, by kind
        self.statuses = collections.Counter()
        self.opened = self.refused = 0

    def add(self):
        kind = KINDS[self.opened % len(KINDS)]
        source = SOURCES[self.opened // len(KINDS) % len(SOURCES)]
        self.opened += 1
        one = Slow(kind, source, self.port, self.key)
        number = one.socket.fileno()
        self.open[number] = one
        # One that reads nothing is seen at its end only.
        self.poll.register(number, select.EPOLLRDHUP if kind == "read"
                           else select.EPOLLIN)
        if one.drip:
            heapq.heappush(self.due, (one.opened + DRIP_SECONDS, number, one))

    def remove(self, number):
        one = self.open.pop(number)
        self.poll.unregister(number)
        one.socket.close()
        self.held[one.kind].append(time.monotonic() - one.opened)
        status = one.answer[9:12].decode() or "closed"
        self.statuses[one.kind, status] += 1
        self.refused += status == "503"

    def step(self):
        for _ in range(500):
            if len(self.open) < self.count:
                self.add()
        now = time.monotonic()
        while self.due and self.due[0][0] <= now:
            when, number, one = heapq.heappop(self.due)
            if self.open.get(number) is one:
                one.send(one.drip)
                heapq.heappush(self.due, (when + DRIP_SECONDS, number, one))
        for number, what in self.poll.poll(0.05, 1_000):
            one = self.open[number]
            if one.kind == "read" or what & (select.EPOLLHUP
                                             | select.EPOLLERR):
                self.remove(number)
                continue
            try:
                got = one.socket.recv(4096)
            except OSError:
                got = b""
            one.answer += got
            if not got:
                self.remove(number)

    def close(self):
        for one in self.open.values():
            one.socket.close()
        self.open.clear()
        self.poll.close()


def healthy(port, key, pipe):
    """Asks one thing after the other, some of it on new connections; answers
    each word with the times since the last one, and those that failed."""
    times, failures, count = [], 0, 0
    connection, data = None, event(key)
    while True:
        if pipe.poll():
            if pipe.recv() == "end":
                return
            pipe.send((times, failures))
            times, failures = [], 0
        if connection is None or count % 50 == 0:
            if connection:
                connection.close()
            connection = socket.create_connection(("127.0.0.1", port), 10)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        count += 1
        began = time.monotonic()
        try:
            connection.sendall(data)
            is_good = connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
        except OSError:
            is_good = False
        times.append(time.monotonic() - began)
        if not is_good:
            failures, connection = failures + 1, None
        time.sleep(0.001)


def figures(server):
    """Resident bytes and open descriptors, as the server tells them."""
    with urllib.request.urlopen(
            f"http://127.0.0.1:{server.port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    value = {line.split()[0]: float(line.split()[1]) for line in lines
             if line.startswith("process_")}
    return (value["process_resident_memory_bytes"],
            int(value["process_open_fds"]))


class Watch:
    """The healthy client, in a process of its own."""

    def __init__(self, server):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=healthy, args=(server.port, server.key, theirs),
            daemon=True)
        self.process.start()
        self.failures = self.answered = 0

    def times(self):
        """Milliseconds since the last call, least first."""
        self.pipe.send("tell")
        times, failures = self.pipe.recv()
        self.failures += failures
        self.answered += len(times) - failures
        return sorted(1_000 * each for each in times)

    def end(self):
        self.pipe.send("end")
        self.process.join(30)


def quantile(times, share):
    return times[min(len(times) - 1, int(share * len(times)))] if times else 0


def run_for(crowd, seconds, is_over=lambda: False):
    until = time.monotonic() + seconds
    while time.monotonic() < until and not is_over():
        crowd.step()


def recovery(server, watch, descriptors, p99):
    """Seconds until descriptors and times are as before the slow ones."""
    began = time.monotonic()
    watch.times()
    while time.monotonic() < began + PATIENCE:
        time.sleep(0.5)
        if figures(server)[1] <= descriptors + 5 \
                and quantile(watch.times(), 0.99) <= 2 * p99:
            return time.monotonic() - began
    return None


def report(crowd):
    for kind in KINDS:
        held = sorted(crowd.held[kind])
        statuses = {status: count for (each, status), count
                    in crowd.statuses.items() if each == kind}
        if held:
            print(f"{kind}: {len(held)} ended after {held[0]:.1f} to "
                  f"{held[-1]:.1f} s: {statuses}")
        else:
            print(f"{kind}: none ended")


def measure(server, watch, crowd, seconds):
    """Goal 8; the faults found."""
    run_for(Crowd(server.port, server.key, 0), min(30, seconds))
    alone = watch.times()
    memory, descriptors = figures(server)
    run_for(crowd, PATIENCE, lambda: len(crowd.open) == crowd.count)
    watch.times()
    run_for(crowd, seconds)
    beside = watch.times()
    crowded, more = figures(server)
    each = (crowded - memory) / max(1, more - descriptors) / 1024
    held = more - descriptors
    crowd.close()
    p99 = quantile(alone, 0.99)
    back = recovery(server, watch, descriptors, p99)
    for name, times in (("alone", alone), ("beside", beside)):
        print(f"healthy {name}: {len(times)} answers, p50 "
              f"{quantile(times, 0.5):.2f} ms, p99 "
              f"{quantile(times, 0.99):.2f} ms, most {times[-1]:.1f} ms")
    print(f"held {held} of {crowd.count} ({crowd.opened} opened, "
          f"{crowd.refused} refused), {each:.1f} KiB each, back after "
          f"{back and round(back, 1)} s")
    faults = []
    if held < 0.9 * crowd.count:
        faults.append("too few were held")
    if quantile(beside, 0.99) > 2 * p99:
        faults.append("p99 of the healthy client more than doubled")
    if each > 32:
        faults.append("more than 32 KiB a connection")
    if back is None or back > 5:
        faults.append("no recovery within 5 s")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--clients", type=int, default=250)
    parser.add_argument("--seconds", type=int, default=0,
                        help="measure for so long, and judge goal 8")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="troupe-slow-") as directory:
        server = Server(options.binary, directory,
                        pathlib.Path(directory) / "data")
        server.start()
        watch = Watch(server)
        crowd = Crowd(server.port, server.key, options.clients)
        try:
            faults = []
            if options.seconds:
                faults = measure(server, watch, crowd, options.seconds)
            else:
                run_for(crowd, PATIENCE, lambda: all(
                    len(crowd.held[kind]) >= options.clients // len(KINDS)
                    for kind in ENDED_SOON))
                watch.times()
            report(crowd)
            for kind in ENDED_SOON:
                if not crowd.held[kind]:
                    faults.append(f"{kind} is never ended")
            for kind in ("head", "trickle", "body"):
                wrong = [status for each, status in crowd.statuses
                         if each == kind and status != "408"]
                if wrong:
                    faults.append(f"{kind} is not answered 408: {wrong}")
            if watch.failures or not watch.answered:
                faults.append(f"{watch.failures} healthy requests failed, "
                              f"{watch.answered} were answered")
            watch.end()
            crowd.close()
            if server.stop() != 0:
                faults.append("SIGTERM did not end it well")
        finally:
            if server.process.poll() is None:
                server.kill()
    for fault in faults:
        print("VIOLATION", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
