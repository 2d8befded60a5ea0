#!/usr/bin/env python3
"""Runs `troupe serve` with a demo workspace: a `welcome` sequence that waits
for order.completed, and a webhook endpoint, which is this program itself: it
prints what arrives.

usage: demo.py BINARY DATA_DIRECTORY HOST:PORT
"""
import ctypes
import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import urllib.request

WELCOME = {
    "key": "welcome",
    "name": "Welcome",
    "status": "active",
    "trigger": {"any": [{"event": "user.signed_up"}, {"event": "order.completed"}]},
    "reentry": "never",
    "entry": "greet",
    "nodes": {
        "greet": {"type": "send", "channel": "capture",
                  "subject": "Welcome, {{contact.external_id}}", "then": "first_order"},
        "first_order": {"type": "wait", "any": [{"event": "order.completed", "then": "thank"}],
                        "timeout": "3d", "on_timeout": "done"},
        "thank": {"type": "update", "tags_add": ["buyer"], "score_add": 10, "then": "done"},
        "done": {"type": "exit"},
    },
}


class Receiver(http.server.BaseHTTPRequestHandler):
    """Prints each webhook and answers 200."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
        event = json.loads(body)
        print(f"webhook {self.headers['webhook-id']}: {event['type']} {event['id']}", flush=True)

    def log_message(self, *arguments):
        pass


def end_with_parent():
    """A killed demo takes its server along, so that the next start finds the store free."""
    parent_death_signal = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)


def post(url, key, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), method="POST",
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def main():
    binary, data, listen = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    receiver_port = data / "demo-receiver-port"
    known_port = int(receiver_port.read_text()) if receiver_port.exists() else 0
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", known_port), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()

    key_file = data / "demo-key"
    server = subprocess.Popen(
        [binary, "serve", "--data-dir", str(data), "--listen", listen,
         "--first-key-file", str(key_file), "--allow-private-webhooks"],
        env={name: value for name, value in os.environ.items()
             if name not in ("TROUPE_DATA", "TROUPE_LISTEN")},  # of scripts/run
        stdout=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: server.terminate())
    ready = server.stdout.readline()
    if not ready:
        sys.exit("troupe did not start; the line above says why")
    url = json.loads(ready)["url"]
    key = key_file.read_text().strip()

    if not receiver_port.exists():  # the store is new
        post(f"{url}/v1/sequences", key, WELCOME)
        post(f"{url}/v1/webhooks", key,
             {"url": f"http://127.0.0.1:{receiver.server_port}/", "events": ["*"]})
        receiver_port.write_text(str(receiver.server_port))

    print(f"""
Troupe runs at {url}  (process {server.pid}, data in {data})
API key: {key}

Send it an event:

curl {url}/v1/events -H "Authorization: Bearer {key}" -H "Content-Type: application/json" -d '{{"type": "order.completed", "contact": {{"external_id": "usr_123"}}, "metadata": {{"order_id": "ord_8a72c0", "total_pence": 4299}}}}'

and look at what became of it:

curl {url}/v1/contacts/external_id:usr_123/runs -H "Authorization: Bearer {key}"

Webhooks that Troupe sends are printed here.
""", flush=True)
    code = server.wait()
    os._exit(code if code >= 0 else 128 - code)


main()
