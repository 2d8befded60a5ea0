#!/usr/bin/env python3
"""README's first command, as a stranger would: `scripts/run`, the printed `curl` line, Ctrl-C, and again with everything
still there.

usage: run_test.py REPOSITORY
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1]).resolve()


def try_it(folder):
    """Returns the id that an event of the printed command got."""
    run = subprocess.Popen([root / "scripts" / "run"], cwd=folder, stdout=subprocess.PIPE, text=True,
                           start_new_session=True, env={**os.environ, "TROUPE_LISTEN": "127.0.0.1:0"})
    try:
        for line in run.stdout:
            if re.match(r"curl \S+/v1/events ", line):
                break
        else:
            sys.exit("scripts/run ended before it printed a command to try")
        answer = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
        return json.loads(answer.stdout)["contact"]["id"]
    finally:
        os.killpg(run.pid, signal.SIGINT)
        run.communicate(timeout=60)


with tempfile.TemporaryDirectory() as folder:
    first = try_it(folder)
    if try_it(folder) != first:
        sys.exit("what was there is not there after a restart")
print("scripts/run: good")
