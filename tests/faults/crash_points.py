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
import argparse
import collections
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from campaign import SKIPPED, VOID
from scenario import Scenario, show
from starts import DatabaseStart, FileStart
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
KILLED = "killed"
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
    after = start.server()
    try:
        after.start()
        scenario.complete(after)
    except RuntimeError as reason:
        scenario.history.fail("restart", str(reason))
    finally:
        end_now(after)
    return happened, end, scenario.history.violations


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
    if code is not None:
        return KILLED if code == -9 else f"ended with {code}"
    return "refused" if any(each != 200 for each in statuses) else "went on"


def end_now(server):
    if server.process.poll() is None:
        server.process.kill()
    server.process.wait(30)
    server.process.stdout.close()


def try_share(options, call, what, first, step):
    """Every step-th N from the first on, until nothing is left to inject.
    @returns {what the server came to: how often}, violations, the last N"""
    ends, found, number = collections.Counter(), [], first
    with tempfile.TemporaryDirectory(prefix="troupe-faults-",
                                     dir=options.directory) as directory:
        make = DatabaseStart if options.postgres else FileStart
        start = make(options.binary, directory)
        try:
            for number in range(first, options.last + 1, step):
                happened, end, violations = try_point(start, call, what, number)
                if violations:
                    found.append((number, violations))
                if not happened:
                    break
                ends[end] += 1
        finally:
            start.close()
    return ends, found, number


def begin_shares(options, call, what, pool):
    """Where every point is tried, each job takes a share of them."""
    jobs = options.jobs if options.every == 1 else 1
    return [pool.submit(try_share, options, call, what,
                        options.first + job * options.every,
                        jobs * options.every) for job in range(jobs)]


def tell_of(call, what, shares):
    """(points, those with violations)"""
    ends, found = collections.Counter(), []
    for share in shares:
        one_ends, one_found, last = share.result()
        ends += one_ends
        found += one_found
    print(f"{call}:{what}: {sum(ends.values())} points up to {last}, "
          f"server {dict(ends)}, {len(found)} with violations", flush=True)
    for number, violations in found[:5]:
        print(f"{call}:{what}:when={number}\n{show(violations[:5])}")
    return sum(ends.values()), len(found)


def can_trace():
    return shutil.which("strace") and subprocess.run(
        ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e",
         "inject=fsync:error=EIO:when=1", "true"],
        stderr=subprocess.DEVNULL, check=False).returncode == 0


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="the troupe binary")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=N_MAX)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--calls", nargs="+", help="these only")
    parser.add_argument("--faults", nargs="+", help="these only")
    parser.add_argument("--postgres", action="store_true",
                        help="store in a database instead of a file")
    # Nothing here needs a disk: what was written stays when a process ends.
    parser.add_argument("--directory", default="/dev/shm"
                        if pathlib.Path("/dev/shm").is_dir() else None)
    parser.add_argument("--floor", type=int, default=0,
                        help="points that must have been tried")
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
    points = broken = 0
    wanted = [(call, what) for call, faults in all_points.items()
              for what in faults if call in (options.calls or [call])
              and what in (options.faults or [what])]
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for point, shares in [(each, begin_shares(options, *each, pool))
                              for each in wanted]:
            tried, found = tell_of(*point, shares)
            points += tried
            broken += found
    print(f"{points} points, {broken} with violations")
    if broken:
        return 1
    return VOID if points < options.floor or not points else 0


if __name__ == "__main__":
    sys.exit(main())
