"""The bench: interleaved rounds of Troupe, its peers and the floor, then
tables and build/bench/results.json. Started by scripts/bench; how to read it
is in bench/README.md."""

import argparse
import datetime
import json
import pathlib
import platform
import re
import subprocess
import sys

import cost
import hot_spots
import report
import servers
from servers import BARE, FULL, Server

CONNECTIONS = (1, 64, 256)
QUIET_CORES = 0.1
PATIENCE_S = 15
TRIES = 2


def measure_quietly(server, connections, seconds):
    """Others on the machine do not slow all servers alike: one with many
    threads takes a larger share. So a disturbed measurement is taken again."""
    tries = []
    while len(tries) < TRIES:
        cost.wait_for_quiet(QUIET_CORES, PATIENCE_S)
        sync = servers.disk_sync()
        tries.append({**server.load(connections, seconds=seconds),
                      "disk": sync})
        if tries[-1]["others_cores"] <= QUIET_CORES:
            break
    return min(tries, key=lambda one: one["others_cores"])


def measure(name, seconds, warm_up):
    """One server of one round: a result for each number of connections."""
    results = {}
    with Server(name) as server:
        server.load(64, requests=warm_up)
        for connections in CONNECTIONS:
            result = measure_quietly(server, connections, seconds)
            results[connections] = result
            sync = result["disk"]
            print(f"  {name:26} c={connections:<4} {result['rps']:8.0f}/s "
                  f"{result['cpu_us']:6.1f} us  fdatasync "
                  f"{sync['syncs_per_second']:.0f}/s",
                  file=sys.stderr, flush=True)
    return results


def syncs_per_event(name, events):
    """Counted by the kernel: a tracer would stop the server at each one and
    so make the groups smaller that it counts."""
    counted = servers.WORK / "fdatasync.count"
    with Server(name) as server:
        server.load(64, requests=events)
        cost.wait_for_quiet(QUIET_CORES, PATIENCE_S)
        result = server.load(64, requests=events, wrapper=[
            "perf", "stat", "-x", ",", "-o", counted, "-e",
            "syscalls:sys_enter_fdatasync", "-p", str(server.process.pid)])
    count = re.search(r"^(\d+),", counted.read_text(), re.M)
    return int(count[1]) / result["requests"] if count else None


def machine():
    cpu = re.search(r"model name\s*: (.*)",
                    pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "describe", "--always", "--dirty"],
                            cwd=servers.ROOT, stdout=subprocess.PIPE,
                            text=True).stdout.strip()
    return {"date": datetime.datetime.now(datetime.timezone.utc)
            .isoformat(timespec="seconds"),
            "commit": commit, "cpu": cpu[1] if cpu else platform.machine(),
            "cores": int(servers.LOAD_CORE) + 1,
            "kernel": platform.release()}


def main():
    options = argparse.ArgumentParser(prog="scripts/bench")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=4,
                         help="of each measurement")
    options.add_argument("--quick", action="store_true",
                         help="one short round")
    options.add_argument("--only", metavar="PATTERN", default="",
                         help="only servers whose name this is found in")
    options.add_argument("--profile", action="store_true",
                         help="where Troupe's time goes, instead of rates")
    chosen = options.parse_args()
    if chosen.profile:
        return hot_spots.run(chosen.seconds)
    warm_up = 30_000
    if chosen.quick:
        chosen.rounds, chosen.seconds, warm_up = 1, 1, 10_000

    everything = {**machine(), "rounds": [], "syncs_per_event": {}}
    names = [name for name in servers.COMMANDS
             if re.search(chosen.only, name, re.I)]
    for number in range(chosen.rounds):
        print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
        measured = {"servers": {name: measure(name, chosen.seconds, warm_up)
                                for name in names}}
        if BARE in names:
            measured["raw_store"] = servers.raw_store(chosen.seconds)
        everything["rounds"].append(measured)
    for name in (BARE, FULL):
        if name in names:
            everything["syncs_per_event"][name] = syncs_per_event(name, 30_000)
    path = servers.WORK / "results.json"
    path.write_text(json.dumps(everything, indent=1) + "\n")
    report.print_all(everything)
    print(f"\nall numbers: {path.relative_to(servers.ROOT)}")


if __name__ == "__main__":
    main()
