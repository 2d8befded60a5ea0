#!/usr/bin/env python3
"""The metrics that are served, documented, alerted on and drawn are the same.

usage: metrics_test.py ROOT TROUPE
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import yaml

NAME = r"\b(?:troupe|process)_[a-z_]+\b"


def served(binary):
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen([binary, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = json.loads(server.stdout.readline())["url"]
            text = urllib.request.urlopen(url + "/metrics").read().decode()
        finally:
            server.terminate()
            server.wait()
    return {line.split()[2]: line.split()[3] for line in text.splitlines() if line.startswith("# TYPE")}


def used(expression):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(NAME, expression)}


def main():
    root, binary = pathlib.Path(sys.argv[1]), sys.argv[2]
    names = served(binary)
    table = "\n".join(re.findall(r"^\|(.*?)\|", (root / "docs/metrics.md").read_text(), re.M))
    documented = set(re.findall(NAME, table))
    faults = [f"not documented: {name}" for name in names.keys() - documented]
    faults += [f"documented, not served: {name}" for name in documented - names.keys()]
    rules = yaml.safe_load((root / "deploy/prometheus/alerts.yaml").read_text())["groups"][0]["rules"]
    board = json.loads((root / "deploy/grafana/troupe.json").read_text())
    expressions = [rule["expr"] for rule in rules]
    expressions += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    for expression in expressions:
        faults += [f"not served: {name} in {expression}" for name in used(expression) - names.keys()]
    faults += [f"a counter is called …_total: {name}" for name, kind in names.items()
               if (kind == "counter") != name.endswith("_total")]
    print("\n".join(faults) or f"{len(names)} metrics, {len(expressions)} expressions")
    sys.exit(1 if faults or len(names) < 25 or len(expressions) < 25 else 0)


main()
