#!/usr/bin/env python3
"""F3: memory that cannot be had: the Nth allocation of the server fails, for
every N of a fixed course of operations (scenario.py), then a restart without
that and a check of all, as crash_points.py does.

    tests/faults/no_memory.py BINARY --jobs 2              every one
    tests/faults/no_memory.py BINARY --every 400 --jobs 2  every 400th

no_memory.c counts from when the server is ready, all threads together. The one
that fails is alone, or the first of `--rows` that follow each other. The server
may end by itself, refuse or go on; alive, it has to answer each request, all but
those that fell to the fault in time, and to do what it has accepted, and takes
what is sent next. Exits 77 where
the library counts nothing: a sanitizer has its own allocator.
"""
import mmap
import struct
import subprocess
import sys
import time

import preload
from campaign import SKIPPED
from points import end_now, end_of, in_start, make_parser, recover, try_all
from scenario import GONE, Scenario
from store_database import is_installed

ANSWER_SECONDS = 30  # the server's own deadline is 10 s
LATE_SECONDS = 8     # what takes so long was not worked on
LATE_MAX = 2         # in the requests that met the fault
END_SECONDS = 2
ENDED = 1            # by itself
UNREAD = 408         # a connection that fell to the fault ends so
LAST = 10_000_000
ORDERS = struct.Struct("5q")  # armed, first, calls, counted, refused


class Allocations:
    """Of one server; see no_memory.c."""

    def __init__(self, start, server):
        path = start.directory / "no_memory"
        path.write_bytes(bytes(ORDERS.size))
        with open(path, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), ORDERS.size)
        library = start.directory / "no_memory.so"
        if not library.exists():
            preload.build("no_memory.c", start.directory)
        server.environment |= {"NO_MEMORY": str(path),
                               **preload.variables(start.binary, library)}

    def arm(self, first, calls):
        """@param first: 0 counts only"""
        ORDERS.pack_into(self.shared, 0, 0, first, calls, 0, 0)
        struct.pack_into("q", self.shared, 0, 1)

    def counted(self):
        return ORDERS.unpack_from(self.shared)[3]

    def refused(self):
        return ORDERS.unpack_from(self.shared)[4]


def try_point(start, row, number):
    """(whether it happened, what the server came to, violations)"""
    scenario = Scenario(start.begin(), start.sink)
    forged = start.sink.forged
    (start.directory / "stderr").unlink(missing_ok=True)
    server = start.server()
    allocations = Allocations(start, server)
    server.start()
    try:
        allocations.arm(number, row)
        statuses = run(server, scenario)
        code = server.process.poll()
    finally:
        end_now(server)
    end, told = end_of(code, statuses), server.errors()
    if code not in (None, ENDED):
        scenario.history.fail("end", f"it {end}")
    violations = recover(start, scenario)
    if start.sink.forged > forged:
        violations.append(("effects", f"{start.sink.forged - forged} "
                           "deliveries came with a wrong signature"))
    if violations:  # the same N is another allocation in another run
        violations.insert(0, ("where", f"the server {end}, it got to "
                              f"{statuses}, and said\n{told}"))
    return allocations.refused() > 0, end, violations


def run(server, scenario):
    """The statuses of the answers, 0 where there was none. To the end of the
    course, or of the server."""
    server.connection.timeout = ANSWER_SECONDS
    statuses, late = [], 0
    for operation in scenario.operations.values():
        begun = time.monotonic()
        try:
            statuses.append(scenario.send(server, operation))
            if statuses[-1] == UNREAD:  # nothing happened: is sent again
                operation.refusals.clear()
        except GONE as reason:
            statuses.append(0)
            server.connection.close()
            if has_ended(server):
                return statuses
            if isinstance(reason, TimeoutError):
                scenario.history.fail("hang", f"{operation.op} got no answer")
                return statuses
        late += time.monotonic() - begun > LATE_SECONDS
        if late > LATE_MAX:
            scenario.history.fail("hang", f"{late} answers were late, statuses "
                                  f"{statuses}")
            return statuses
    left = scenario.drain(server)
    if left and not has_ended(server, 0):
        scenario.history.fail("hang", f"not done by who goes on: {left}, "
                              f"statuses {statuses}")
    if not has_ended(server, 0) and (said := readiness(server)) != 200:
        scenario.history.fail("hang", f"ready says {said} at the end, "
                              f"statuses {statuses}")
    return statuses


def readiness(server):
    server.connection.close()
    try:
        return server.ask("GET", "/readyz")[0]
    except GONE as reason:
        return repr(reason)


def has_ended(server, seconds=END_SECONDS):
    try:
        server.process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def count(options):
    """How many allocations the course has, when nothing fails."""
    def use(start):
        scenario = Scenario(start.begin(), start.sink)
        server = start.server()
        allocations = Allocations(start, server)
        server.start()
        try:
            allocations.arm(0, 0)
            statuses = run(server, scenario)
            if any(each != 200 for each in statuses):
                raise RuntimeError(f"the course itself fails: {statuses}")
            return allocations.counted()
        finally:
            end_now(server)

    return in_start(options, use)


def parse_options():
    parser = make_parser(__doc__, LAST)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 100],
                        help="how many allocations fail, one after the other")
    return parser.parse_args()


def main():
    options = parse_options()
    if not preload.can_build():
        print("skipped: needs a C compiler")
        return SKIPPED
    if options.postgres and not is_installed():
        print("skipped: needs PostgreSQL")
        return SKIPPED
    allocations = count(options)
    if not allocations:
        print("skipped: the binary has an allocator that is not ours to break")
        return SKIPPED
    print(f"{allocations} allocations", flush=True)
    return try_all(options, try_point, [(row,) for row in options.rows],
                   options.jobs)


if __name__ == "__main__":
    sys.exit(main())
