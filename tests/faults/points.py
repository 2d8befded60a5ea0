"""What is tried at every point of the scenario: something breaks at the Nth of
its kind, then a restart and a check of all."""
import argparse
import collections
import concurrent.futures
import pathlib
import signal
import tempfile

from campaign import VOID
from scenario import show
from starts import DatabaseStart, FileStart

KILLED = "killed"


def end_now(server):
    if server.process.poll() is None:
        server.process.kill()
    server.process.wait(30)
    server.process.stdout.close()


def end_of(code, statuses):
    """What the server came to. @param code: None when it was alive"""
    if code is not None:
        return KILLED if code == -signal.SIGKILL else f"ended with {code}"
    return "refused" if any(each != 200 for each in statuses) else "went on"


def recover(start, scenario):
    """The server as it is, after what was broken; the violations."""
    after = start.server()
    try:
        after.start()
        scenario.complete(after)
    except RuntimeError as reason:
        scenario.history.fail("restart", str(reason))
    finally:
        end_now(after)
    return scenario.history.violations


def in_start(options, use):
    """What `use` makes of a start of its own."""
    with tempfile.TemporaryDirectory(prefix="troupe-faults-",
                                     dir=options.directory) as directory:
        make = DatabaseStart if options.postgres else FileStart
        start = make(options.binary, directory)
        try:
            return use(start)
        finally:
            start.close()


def try_share(options, try_point, kind, first, step):
    """Every step-th N from the first on, until nothing is left to break.
    @param try_point(start, *kind, N): whether it happened, what the server came
    to, violations
    @returns {what the server came to: how often}, violations, the last N"""
    def use(start):
        ends, found, number = collections.Counter(), [], first
        for number in range(first, options.last + 1, step):
            happened, end, violations = try_point(start, *kind, number)
            if violations:
                found.append((number, violations))
            if not happened:
                break
            ends[end] += 1
        return ends, found, number

    return in_start(options, use)


def begin_shares(options, try_point, kind, jobs, pool):
    """Each job takes a share of the points."""
    return [pool.submit(try_share, options, try_point, kind,
                        options.first + job * options.every,
                        jobs * options.every) for job in range(jobs)]


def tell_of(kind, shares):
    """(points, those with violations)"""
    ends, found = collections.Counter(), []
    for share in shares:
        one_ends, one_found, last = share.result()
        ends += one_ends
        found += one_found
    name = ":".join(map(str, kind))
    print(f"{name}: {sum(ends.values())} points up to {last}, "
          f"server {dict(ends)}, {len(found)} with violations", flush=True)
    for number, violations in found[:5]:
        print(f"{name}:when={number}\n{show(violations[:5])}")
    return sum(ends.values()), len(found)


def try_all(options, try_point, kinds, jobs):
    """The exit code. @param jobs: of each kind"""
    points = broken = 0
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for kind, shares in [
                (each, begin_shares(options, try_point, each, jobs, pool))
                for each in kinds]:
            tried, found = tell_of(kind, shares)
            points += tried
            broken += found
    print(f"{points} points, {broken} with violations")
    if broken:
        return 1
    return VOID if points < options.floor or not points else 0


def make_parser(description, last):
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="the troupe binary")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=last)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--postgres", action="store_true",
                        help="store in a database instead of a file")
    # Nothing here needs a disk: what was written stays when a process ends.
    parser.add_argument("--directory", default="/dev/shm"
                        if pathlib.Path("/dev/shm").is_dir() else None)
    parser.add_argument("--floor", type=int, default=0,
                        help="points that must have been tried")
    return parser
