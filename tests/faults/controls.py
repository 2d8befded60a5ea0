#!/usr/bin/env python3
"""Positive controls: a harness that does not catch a planted fault is broken.

Runs the harness on `troupe_faulty` with the fault and passes when the harness
fails for the reason it should.
"""
import argparse
import pathlib
import re
import subprocess
import sys

# fault: (harness, cycles, rules of which one must be broken)
FAULTS = {
    "acknowledge_before_commit": ("kill.py", 5, {"acknowledged"}),
    "synchronous_normal": ("power_cut.py", 3, {"acknowledged", "restart"}),
    "commits_not_synced": ("power_cut.py", 2, {"acknowledged", "restart"}),
    "standby_not_awaited": ("database_faults.py", 1, {"acknowledged"}),
    "no_key_precondition": ("kill.py", 2, {"acknowledged"}),
    "no_identity_precondition": ("kill.py", 2, {"identity"}),
}
SKIPPED = 77


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="the troupe_faulty binary")
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--file-system", default="ext4")
    options = parser.parse_args()
    harness, cycles, rules = FAULTS[options.fault]
    run = subprocess.run(
        [sys.executable, pathlib.Path(__file__).with_name(harness),
         options.binary, "--cycles", str(cycles), "--seed", options.seed,
         "--fault", options.fault, "--keep-going", "--drain-seconds", "3",
         *(["--postgres"] if options.postgres else []),
         *(["--file-system", options.file_system]
           if harness == "power_cut.py" else [])],
        capture_output=True, text=True, check=False)
    print(run.stdout, run.stderr, sep="\n")
    if run.returncode == SKIPPED:
        return SKIPPED
    broken = set(re.findall(r"^VIOLATION (\w+):", run.stdout, re.MULTILINE))
    if run.returncode == 1 and broken & rules:
        print(f"caught: {options.fault} broke {sorted(broken)}")
        return 0
    print(f"NOT CAUGHT: {options.fault} must break one of {sorted(rules)}, "
          f"the harness ended with {run.returncode} and {sorted(broken)}")
    return 1


sys.exit(main())
