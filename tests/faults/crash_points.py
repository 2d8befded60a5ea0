#!/usr/bin/env python3
"""F3: the server is ended at its Nth system call, for every N: a fixed course
of operations (scenario.py) under strace, then a restart and a check of all.

    tests/faults/crash_points.py BINARY --jobs 3             every point
    tests/faults/crash_points.py BINARY --every 40           every 40th

A thread counts its own calls. Calls that write files are counted on the store's
files, and are also made to fail with EIO, ENOSPC or nothing written: then the
server may end or refuse, and must come back with all it has acknowledged. With
--postgres it is what the server says to the database and hears from it.
Exits 77 where strace cannot trace.
"""
import os
import shutil
import subprocess
import sys

from campaign import SKIPPED
from points import KILLED, end_now, end_of, make_parser, recover, try_all
from scenario import Scenario
from store_database import is_installed

KILL = "signal=SIGKILL"
EIO, ENOSPC, NOTHING = "error=EIO", "error=ENOSPC", "retval=0"
LOST = "error=ECONNRESET"
FILE_POINTS = {
    "pwrite64": [KILL, EIO, ENOSPC, NOTHING],
    "fdatasync": [KILL, EIO, ENOSPC],
    "fsync": [KILL, EIO, ENOSPC],
    "ftruncate": [KILL, EIO, ENOSPC],
    "rename": [KILL, EIO, ENOSPC],
    "write": [KILL],
    "sendto": [KILL],
    "sendmsg": [KILL],
}
# These two are how libpq speaks and hears.
DATABASE_POINTS = {"sendto": [KILL, LOST], "recvfrom": [KILL, LOST],
                   "sendmsg": [KILL]}
ON_FILES = {"pwrite64", "fdatasync", "ftruncate"}
END_SECONDS = 2
N_MAX = 5_000  # more would be a course that never ends


def try_point(start, call, what, number):
    """(whether it happened, what the server came to, violations)"""
    scenario = Scenario(start.begin(), start.sink)
    log = start.directory / "strace"
    traced = start.server()
    traced.wrapper = trace(call, what, number, start.paths(), log)
    # What strace writes may be a little behind the end of the server: the pipe
    # ends when both have ended.
    ended, held = os.pipe()
    traced.inherited = [held]
    end = run_traced(traced, scenario, held)
    os.read(ended, 1)
    os.close(ended)
    happened = "INJECTED" in log.read_text() or end == KILLED
    return happened, end, recover(start, scenario)


def trace(call, what, number, files, log):
    paths = []
    if call in ON_FILES:
        paths = [part for path in files for part in ("-P", path)]
    # The server is our child, strace is not: the server's end is seen here.
    return ["strace", "-D", "-f", "-q", "-s", "0", "-o", log,
            "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={number}",
            *paths]


def run_traced(server, scenario, held):
    """What became of the server. @param held: is closed here"""
    statuses = []
    try:
        try:
            server.start()
        finally:
            os.close(held)
        statuses, is_whole = scenario.run(server)
        if not is_whole:  # it is ending, or an answer was lost
            server.process.wait(END_SECONDS)
    except RuntimeError:  # it ended before it was ready
        server.process.wait(30)
    except subprocess.TimeoutExpired:
        pass
    code = server.process.poll()
    end_now(server)
    return end_of(code, statuses)


def can_trace():
    return shutil.which("strace") and subprocess.run(
        ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e",
         "inject=fsync:error=EIO:when=1", "true"],
        stderr=subprocess.DEVNULL, check=False).returncode == 0


def parse_options():
    parser = make_parser(__doc__, N_MAX)
    parser.add_argument("--calls", nargs="+", help="these only")
    parser.add_argument("--faults", nargs="+", help="these only")
    return parser.parse_args()


def main():
    options = parse_options()
    if not can_trace():
        print("skipped: needs strace and may not be traced itself")
        return SKIPPED
    if options.postgres and not is_installed():
        print("skipped: needs PostgreSQL")
        return SKIPPED
    all_points = DATABASE_POINTS if options.postgres else FILE_POINTS
    wanted = [(call, what) for call, faults in all_points.items()
              for what in faults if call in (options.calls or [call])
              and what in (options.faults or [what])]
    # Where every point is tried, each job takes a share of them.
    return try_all(options, try_point, wanted,
                   options.jobs if options.every == 1 else 1)


if __name__ == "__main__":
    sys.exit(main())
