#!/usr/bin/env python3
"""F16, K5: bits of the stored file have changed. The server refuses to start, or
answers an error, or what it always answered; it never begins anew.

    tests/faults/corruption.py BINARY --trials 500 --seed 7

Each trial damages a copy of one store: bits anywhere, a page of zeros, a page
of another place, a file cut short, bits of the header, another file's start,
nothing at all.
Everything that the API tells of the copy is compared with what it told of the
whole. Answers that differ without an error are counted by kind of damage.
"""
import argparse
import collections
import json
import pathlib
import random
import shutil
import sys
import tempfile

from scenario import GONE, Scenario, set_up
from server import Server
from sink import Sink
from store_file import StoreFile

PAGE = 4096
READS = ["/v1/events?limit=100", "/v1/sequences", "/v1/webhooks",
         "/v1/contacts?limit=100"]


def flip_bits(data, chosen):
    for _ in range(chosen.randint(1, 8)):
        data[chosen.randrange(PAGE, len(data))] ^= 1 << chosen.randrange(8)


def zero_page(data, chosen):
    at = chosen.randrange(1, len(data) // PAGE) * PAGE
    data[at:at + PAGE] = bytes(PAGE)


def misplace_page(data, chosen):
    to, what = (chosen.randrange(1, len(data) // PAGE) * PAGE
                for _ in range(2))
    data[to:to + PAGE] = data[what:what + PAGE]


def cut_short(data, chosen):
    del data[chosen.randrange(1, len(data) - PAGE):]


def flip_header(data, chosen):
    data[chosen.randrange(0, 100)] ^= 1 << chosen.randrange(8)


def lose_start(data, chosen):
    data[0:PAGE] = chosen.randbytes(PAGE)


def empty(data, _):
    data.clear()


# What can be done to a file, and whether the file says so by itself: whoever
# opens it cannot take it for a whole one.
DAMAGES = {flip_bits: False, zero_page: False, misplace_page: False,
           cut_short: True, flip_header: False, lose_start: True, empty: True}


class Witness:
    """What the API tells, by request; an error is None."""

    def __init__(self, server):
        self.told = {}
        for target in READS:
            self.note(server, target)
        for event in (self.told[READS[0]] or {}).get("data", []):
            self.note(server, "/v1/events/" + event["id"])

    def note(self, server, target):
        status, document, _ = server.ask("GET", target)
        self.told[target] = document if status == 200 else None
        if status != 200 and status < 500 and status != 404:
            raise RuntimeError(f"GET {target}: {status} {document}")
        if status == 404:
            self.told[target] = "nothing"


def differences(whole, damaged):
    """Of what is told without an error, what is otherwise."""
    return [target for target, document in damaged.told.items()
            if document is not None and document != whole.told.get(target)]


class Trial:
    def __init__(self, binary, directory):
        self.directory = pathlib.Path(directory)
        self.binary = binary
        self.whole = self.directory / "whole"
        sink = Sink()
        server = self.server("whole")
        try:
            server.start()
            set_up(server, sink)
            scenario = Scenario(StoreFile(self.whole), sink)
            scenario.run(server)
            if server.stop() != 0:
                raise RuntimeError("it does not stop")
            server.start()
            self.truth = Witness(server)
            server.stop()
        finally:
            sink.close()
        if (self.whole / "troupe.db-wal").exists():
            raise RuntimeError("an orderly end leaves a log")

    def server(self, data):
        return Server(self.binary, self.directory, self.directory / data)

    def run(self, damage, chosen):
        """What it came to."""
        shutil.rmtree(self.directory / "copy", ignore_errors=True)
        shutil.copytree(self.whole, self.directory / "copy")
        file = self.directory / "copy" / "troupe.db"
        data = bytearray(file.read_bytes())
        damage(data, chosen)
        file.write_bytes(data)
        server = self.server("copy")
        try:
            server.start()
        except RuntimeError:
            code = server.process.wait(30)
            return "refused" if code > 0 else f"died of {-code} at the start"
        try:
            seen = Witness(server)
            if wrong := differences(self.truth, seen):
                return "told otherwise: " + wrong[0].split("?")[0]
            return "answered errors" if None in seen.told.values() \
                else "unharmed"
        except GONE:
            return f"died of {server.process.wait(30)}"
        finally:
            if server.process.poll() is None:
                server.kill()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="the troupe binary")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="troupe-faults-") as directory:
        trial = Trial(options.binary, directory)
        ends = collections.defaultdict(collections.Counter)
        broken = []
        for number in range(options.trials):
            damage = list(DAMAGES)[number % len(DAMAGES)]
            end = trial.run(damage, random.Random(f"{options.seed}/{number}"))
            ends[damage.__name__][end] += 1
            if "died" in end or (DAMAGES[damage] and end != "refused"):
                broken.append(f"trial {number}, {damage.__name__}: {end}")
    print(f"seed {options.seed}, {options.trials} trials")
    for damage, counts in ends.items():
        print(f"{damage}: {json.dumps(counts)}")
    for text in broken:
        print("VIOLATION", text)
    return 1 if broken else 0


sys.exit(main())
