"""Timers that come due together, segments that every event is counted for, and
events in batches of 100, through the real server on its real store: rounds, one table of medians with
[least..most], and the goals. Started by scripts/bench-scaling."""

import argparse
import datetime
import os
import re
import sys
import time
import urllib.request
from statistics import median

import cost
import servers
from report import spread, table
from servers import BARE, Server

QUIET_CORES = 0.1
PATIENCE_S = 15
SEGMENTS = 10
BATCH = 100
BATCH_CONNECTIONS = 16


def figure(server, name):
    """One figure of /metrics; 0 when it is not there."""
    with urllib.request.urlopen(server.url + "/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def sequence_until(due):
    """All that enter rest until the same second; what they do then is a turn
    that sets a timer again."""
    return {
        "key": "bench", "name": "Bench", "status": "active",
        "trigger": {"any": [{"event": "order.completed"}]},
        "reentry": "never", "entry": "together",
        "nodes": {
            "together": {"type": "wait", "then": "after",
                         "until": {"time": due.strftime("%H:%M:%S"), "timezone": "UTC"}},
            "after": {"type": "wait", "for": "3d", "then": "end"},
            "end": {"type": "exit"},
        },
    }


def timers(events, patience_s):
    """Loads contacts that all wake at the same second. What counts is the time
    and the CPU from that second until the last step is durable: /metrics
    counts turns that are committed."""
    with Server(BARE) as server:
        # The load, a third of the goal's rate at least, and the rest before it.
        due = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        due += datetime.timedelta(seconds=10 + events / 2_500)
        server.call("/v1/sequences", sequence_until(due))
        server.load(64, requests=events, contacts=20 * events)
        waiting = figure(server, "troupe_runs_started_total")
        if time.time() > due.timestamp() - 2:
            raise RuntimeError("the load took too long; give fewer --timers")
        sync = servers.disk_sync()
        time.sleep(max(0.0, due.timestamp() - time.time() - 0.1))
        spent, busy = cost.of(server.process.pid), cost.everybody()
        last = due.timestamp() + patience_s
        while figure(server, 'troupe_turns_total{kind="timer"}') < waiting:
            if time.time() > last:
                raise RuntimeError(f"not all timers fired in {patience_s} s")
            time.sleep(0.05)
        took = time.time() - due.timestamp()
        used = cost.of(server.process.pid).since(spent)
        others = cost.everybody() - busy - used.cpu_us
    return {"rate": waiting / took, "cpu_us": used.cpu_us / waiting, "cores": used.cpu_us / 1e6 / took,
            "of": waiting, "disk": sync, "others_cores": others / 1e6 / took}


def events(seconds, segments):
    """The bare path, with segments that ask how many of its events there were
    and that nobody gets into."""
    with Server(BARE) as server:
        for number in range(1, segments + 1):
            server.call("/v1/segments", {
                "key": f"s{number}", "name": f"Segment {number}",
                "condition": {">=": [{"event_count": {"event": "order.completed", "within": f"{number}d"}},
                                     1_000_000 + number]}})
        server.load(64, requests=30_000)
        cost.wait_for_quiet(QUIET_CORES, PATIENCE_S)
        sync = servers.disk_sync()
        result = server.load(64, seconds=seconds)
    return {"rate": result["rps"], "cpu_us": result["cpu_us"], "cores": result["cores"],
            "of": result["requests"], "disk": sync, "others_cores": result["others_cores"]}


def batches(seconds):
    """The bare path by POST /v1/batch, as the Segment family sends it; events,
    not requests, are what is counted."""
    with Server(BARE) as server:
        path = {"path": "/v1/batch", "batch": BATCH}
        server.load(BATCH_CONNECTIONS, requests=300, **path)
        cost.wait_for_quiet(QUIET_CORES, PATIENCE_S)
        sync = servers.disk_sync()
        result = server.load(BATCH_CONNECTIONS, seconds=seconds, **path)
    return {"rate": result["rps"] * BATCH, "cpu_us": result["cpu_us"] / BATCH, "cores": result["cores"],
            "of": result["requests"] * BATCH, "disk": sync, "others_cores": result["others_cores"]}


def store_alone(seconds):
    sync = servers.disk_sync()
    bare = servers.raw_store(seconds)["bare"]
    return {"rate": bare["rps"], "cpu_us": bare["cpu_us"], "cores": bare["rps"] * bare["cpu_us"] / 1e6,
            "of": bare["rps"] * seconds, "disk": sync, "others_cores": 0.0}


def main():
    options = argparse.ArgumentParser(prog="scripts/bench-scaling", description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=4, help="of load on segments")
    options.add_argument("--timers", type=int, default=30_000, help="that come due together")
    given = options.parse_args()
    # The one who asks /metrics is load as well.
    os.sched_setaffinity(0, {int(servers.LOAD_CORE)})

    single = "events that no segment asks about"
    asked = f"events that {SEGMENTS} segments ask about"
    batched = f"events in batches of {BATCH}"
    raw = f"the store alone, {BATCH} a transaction"
    cases = {"timers": lambda: timers(given.timers, 60),
             single: lambda: events(given.seconds, 0),
             asked: lambda: events(given.seconds, SEGMENTS),
             batched: lambda: batches(given.seconds),
             raw: lambda: store_alone(given.seconds)}
    found = {name: [] for name in cases}
    for number in range(given.rounds):
        for name, measure in cases.items():
            cost.wait_for_quiet(QUIET_CORES, PATIENCE_S)
            found[name].append(measure())
            print(f"  round {number + 1}: {name}: {found[name][-1]['rate']:,.0f}/s", file=sys.stderr, flush=True)

    def column(rounds, *path, digits=0):
        values = rounds
        for step in path:
            values = [one[step] for one in values]
        return spread(values, digits)

    table(("case", "a second", "CPU-us each", "cores", "of", "fdatasync/s then", "others"),
          [(name, column(rounds, "rate"), column(rounds, "cpu_us", digits=1), column(rounds, "cores", digits=2),
            column(rounds, "of"), column(rounds, "disk", "syncs_per_second"), column(rounds, "others_cores", digits=2))
           for name, rounds in found.items()])
    updates = [SEGMENTS * one["rate"] for one in found[asked]]
    each = [(with_all["cpu_us"] - none["cpu_us"]) / SEGMENTS
            for none, with_all in zip(found[single], found[asked])]
    print(f"\nsegment updates: {spread(updates)} a second, {spread(each, 2)} CPU-us each\n")
    def ratio(above, below):
        return median(a["rate"] / b["rate"] for a, b in zip(found[above], found[below]))

    goals = [("timers fired/s, on one core", 8_000, 20_000, median(one["rate"] for one in found["timers"])),
             (f"{batched}, times the rate of single ones", 2, None, ratio(batched, single)),
             (f"{batched}, fraction of the store alone", None, 0.8, ratio(batched, raw))]
    rows = []
    for goal, least, good, value in goals:
        met = ("good" if good is not None and value >= good else
               "minimum" if least is not None and value >= least else "NO")
        rows.append((goal, *(f">= {limit:,}" if limit is not None else "" for limit in (least, good)),
                     f"{value:,.0f}" if value > 100 else f"{value:.2f}", met))
    table(("goal", "minimum", "good", "measured", "met"), rows)


main()
