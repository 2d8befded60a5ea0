"""The real binary over one data directory, and a plain client of its API."""
import ctypes
import http.client
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import urllib.request

READY_SECONDS = 120
STOP_SECONDS = 60
IDLE_SECONDS = 20
PR_SET_PDEATHSIG = 1
# Who ends a test early still has all removed that it made.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """`data` holds the store, unless the database at `url` does; `directory`
    the key and the log beside it."""

    def __init__(self, binary, directory, data, fault=None, url=None):
        self.binary = binary
        self.directory = pathlib.Path(directory)
        self.data = pathlib.Path(data)
        self.store = ["--store", url] if url else []
        # TROUPE_ variables of ours are the tests' own.
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("TROUPE_")}
        if fault:
            self.environment["PLANTED_FAULT"] = fault
        self.wrapper = []    # a command that runs it
        self.inherited = []  # descriptors
        self.process = None
        self.connection = None
        self.asked_at = 0.0
        self.fields = {}  # of every request
        self.port = 0
        self.key = ""

    def start(self):
        """Raises RuntimeError when it does not say that it is ready."""
        key_file = self.directory / "first-key"
        with open(self.directory / "stderr", "ab") as errors:
            self.process = subprocess.Popen(
                [*self.wrapper, self.binary, "serve", "--data-dir", self.data,
                 "--listen", "127.0.0.1:0", "--first-key-file", key_file,
                 "--allow-private-webhooks", *self.store],
                stdout=subprocess.PIPE, stderr=errors, env=self.environment,
                pass_fds=self.inherited, preexec_fn=end_with_parent)
        ready, _, _ = select.select([self.process.stdout], [], [],
                                    READY_SECONDS)
        line = self.process.stdout.readline() if ready else b""
        if b'"ready":true' not in line:
            raise RuntimeError(f"the server did not become ready: {line!r}\n"
                               + self.errors()[-2000:])
        self.port = int(json.loads(line)["url"].rsplit(":", 1)[1])
        self.key = key_file.read_text().strip()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                     timeout=60)

    def kill(self):
        self.process.kill()
        self.process.wait(STOP_SECONDS)
        self.process.stdout.close()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.terminate()
        code = self.process.wait(STOP_SECONDS)
        self.process.stdout.close()
        return code

    def errors(self):
        return (self.directory / "stderr").read_text(errors="replace")

    def ask(self, method, path, body=None, key=None):
        """(status, document, whether it is a replay)"""
        headers = {"Authorization": "Bearer " + self.key,
                   "Content-Type": "application/json", **self.fields}
        if key:
            headers["Idempotency-Key"] = key
        # One that is idle for a minute is closed by the server.
        if time.monotonic() - self.asked_at > IDLE_SECONDS:
            self.connection.close()
        self.asked_at = time.monotonic()
        self.connection.request(method, path,
                                None if body is None else json.dumps(body),
                                headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return (answer.status, json.loads(text) if text else None,
                answer.headers.get("Idempotent-Replay") == "true")

    def get(self, path):
        """The document; raises RuntimeError when it is not there."""
        status, document, _ = self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {document}")
        return document

    def metric(self, name):
        """Of one without labels."""
        address = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(address, timeout=60) as page:
            for line in page.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[1])
        raise RuntimeError(f"there is no metric {name}")

    def create(self, path, body):
        status, document, _ = self.ask("POST", path, body)
        if status != 201:
            raise RuntimeError(f"POST {path}: {status} {document}")
        return document
