#!/usr/bin/env python3
"""README, executed: the demo of scripts/run starts, every curl line of README.md works as pasted, the webhook
arrives, and after kill -9 and a restart the event and its run are there.

usage: readme_test.py REPOSITORY BINARY
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

root, binary = pathlib.Path(sys.argv[1]), sys.argv[2]


class Demo:
    """scripts/demo.py as scripts/run starts it, on a free port."""

    def __init__(self, data):
        self.process = subprocess.Popen(
            [sys.executable, root / "scripts" / "demo.py", binary, data, "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        self.url, self.server = self.find(r"Troupe runs at (\S+)  \(process (\d+)").groups()
        self.key = self.find(r"API key: (\S+)").group(1)
        self.pasted = self.find(r"^(curl \S+/v1/events .*)$").group(1)
        self.find(r"Webhooks that Troupe sends")

    def find(self, pattern):
        for line in self.process.stdout:
            found = re.search(pattern, line.rstrip("\n"))
            if found:
                return found
        sys.exit(f"the demo ended before it printed {pattern!r}")

    def shell(self, command):
        command = command.replace("http://127.0.0.1:8080", self.url)
        answer = subprocess.run(["bash", "-c", command.replace("curl ", "curl -sf ", 1)], text=True,
                                stdout=subprocess.PIPE, env={**os.environ, "KEY": self.key})
        if answer.returncode != 0:
            sys.exit(f"failed with {answer.returncode}: {command}")
        return json.loads(answer.stdout)

    def kill_server(self):
        os.kill(int(self.server), signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        self.process.terminate()
        if self.process.wait(30) != 0:
            sys.exit("the demo did not stop cleanly")


def check(fact, what):
    if not fact:
        sys.exit(f"not so: {what}")


blocks = re.findall(r"```sh\n(.*?)```", (root / "README.md").read_text(), re.S)
lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.startswith("curl")]
check(len(lines) == 3, "README has three curl lines")

with tempfile.TemporaryDirectory(prefix="troupe-readme-") as data:
    demo = Demo(data)
    sent = demo.shell(demo.pasted)
    check(sent["fan_out"] == {"sequences_woken": 2, "webhooks_dispatched": 1}, f"fan_out of {sent}")
    arrived = demo.find(r"^webhook (dlv_\S+): (\S+) (evt_\S+)$")
    check(arrived.group(3) == sent["id"], "the webhook is about the event")
    check(demo.shell(lines[0])["type"] == "order.completed", "README's event is accepted")
    demo.kill_server()

    demo = Demo(data)
    runs = demo.shell(lines[1])["data"]
    check([run["sequence"] for run in runs] == ["welcome"], "the run is there after kill -9")
    check(runs[0]["status"] == "completed", "the second order moved it to its end")
    events = demo.shell(lines[2])["data"]
    check(sent["id"] in [event["id"] for event in events] and len(events) == 2, "both events are there")
    demo.stop()
print("README holds")
