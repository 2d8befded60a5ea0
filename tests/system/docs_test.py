#!/usr/bin/env python3
"""The documentation, executed: every `sh` block of README.md and docs/ runs as pasted and succeeds, README's after
scripts/run's demo, the others with a server of their own. What README says of the results is checked.

usage: docs_test.py REPOSITORY BINARY
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

root, binary = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
README_URL = "http://127.0.0.1:8080"


def check(fact, what):
    if not fact:
        sys.exit(f"not so: {what}")


def blocks_of(page):
    return re.findall(r"^```sh\n(.*?)^```", (root / page).read_text(), re.S | re.M)


def run(page, script, folder, **environment):
    """Runs a script as one shell would and returns what it printed."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "PATH": f"{binary.parent}:{os.environ['PATH']}", **environment})
    if done.returncode != 0:
        sys.exit(f"{page} failed with {done.returncode}:\n{script}\n{done.stdout}")
    return done.stdout


class Demo:
    """scripts/demo.py as scripts/run starts it, on a free port."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, root / "scripts" / "demo.py", binary, folder / "troupe-data", "127.0.0.1:0"],
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

    def get(self, path):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.key}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def kill_server(self):
        os.kill(int(self.server), signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        self.process.terminate()
        check(self.process.wait(30) == 0, "the demo stops cleanly")


def test_readme(folder):
    (folder / "troupe-data").mkdir(mode=0o700)
    send, look, own, by_api = blocks_of("README.md")
    prelude = "\n".join(line for line in (send + own).splitlines() if line.startswith(("export", "KEY=")))

    demo = Demo(folder)
    sent = json.loads(run("README.md", demo.pasted.replace("curl", "curl -sf", 1), folder))
    check(sent["fan_out"] == {"sequences_woken": 2, "webhooks_dispatched": 1}, f"fan_out of {sent}")
    arrived = demo.find(r"^webhook (dlv_\S+): (\S+) (evt_\S+)$")
    check(arrived.group(3) == sent["id"], "the webhook is about the event")
    again = json.loads(run("README.md", send.replace(README_URL, demo.url), folder))
    check(again["type"] == "order.completed", "README's event is accepted")
    demo.kill_server()

    demo = Demo(folder)

    def shell(block):
        return run("README.md", (prelude + "\n" + block).replace(README_URL, demo.url), folder)

    runs, events = [json.loads(line)["data"] for line in shell(look).replace("}{", "}\n{").splitlines()]
    check([each["sequence"] for each in runs] == ["welcome"], "the run is there after kill -9")
    check(runs[0]["status"] == "completed", "the second order moved it to its end")
    check(sent["id"] in [event["id"] for event in events] and len(events) == 2, "both events are there")
    told = shell(own)
    check("first_project" in told, "the run rests at first_project")
    contact = demo.get("/v1/contacts/external_id:usr_7")
    check(contact["tags"] == ["active"] and contact["score"] == 10, f"the sequence advanced by hand: {contact}")
    shell(by_api)
    runs = demo.get("/v1/contacts/external_id:usr_8/runs")["data"]
    check([(each["sequence"], each["version"], each["status"]) for each in runs] == [("trial", 2, "completed")],
          f"the sequence advanced by the API: {runs}")
    demo.stop()


def test_tutorial(folder):
    script = "\n".join(blocks_of("docs/tutorial.md"))
    with_free_port = script.replace(":8099", f":{free_port()}")
    told = run("docs/tutorial.md", with_free_port, folder)
    check('+' in told and '"timeout": "1d"' in told, "diff shows the change")
    check("offer: version 2 published" in told, "apply publishes the change")


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_how_to(page, folder):
    server = subprocess.Popen([binary, "serve", "--data-dir", folder / "data", "--listen", "127.0.0.1:0",
                               "--first-key-file", folder / "key", "--allow-private-webhooks"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = json.loads(server.stdout.readline())["url"]
        run(page, "\n".join(blocks_of(page)), folder, TROUPE_API_URL=url, TROUPE_API_KEY_FILE=str(folder / "key"))
    finally:
        server.terminate()
        server.wait()


def main():
    by_hand = {"docs/operations.md"}  # needs a machine with systemd: scripts/package-test
    pages = {str(page.relative_to(root)) for page in root.glob("docs/**/*.md")} - by_hand
    for page in ["README.md", *sorted(page for page in pages if blocks_of(page))]:
        with tempfile.TemporaryDirectory(prefix="troupe-docs-") as folder:
            test = {"README.md": test_readme, "docs/tutorial.md": test_tutorial}.get(page)
            if test:
                test(pathlib.Path(folder))
            else:
                test_how_to(page, pathlib.Path(folder))
        print(f"{page} holds")
    for page in ["README.md", *pages]:  # links lead somewhere
        for target in re.findall(r"\]\(((?!http)[^)#]+)\)", (root / page).read_text()):
            check(((root / page).parent / target).exists(), f"{page} links to {target}")


main()
