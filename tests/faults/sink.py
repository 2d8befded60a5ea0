"""A webhook receiver that keeps what it gets and checks each signature."""
import base64
import collections
import contextlib
import hashlib
import hmac
import http.server
import json
import random
import socket
import threading
import time


class Sink:
    """`deliveries`: webhook-id to the event ids it came with, one an arrival;
    `forged` counts calls whose signature is wrong. `failing` is the share of
    calls that it answers 500 without having looked; `failed` counts them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.deliveries = collections.defaultdict(list)
        self.forged = self.failed = 0
        self.failing = 0.0
        self.connections = set()
        self.secret = b""
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with sink.lock:
                    sink.connections.add(self.connection)

            def finish(self):
                with sink.lock:
                    sink.connections.discard(self.connection)
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_good = random.random() >= sink.failing
                if is_good:
                    sink.take(self.headers, body)
                else:
                    sink.failed += 1
                self.send_response(200 if is_good else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a killed sender leaves broken connections behind

        self.make_listener = lambda port: Listener(("127.0.0.1", port),
                                                   Handler)
        self.open(0)
        self.url = f"http://127.0.0.1:{self.listener.server_port}/hook"

    def use_secret(self, secret):
        self.secret = base64.b64decode(secret.removeprefix("whsec_"))

    def take(self, headers, body):
        said = headers.get("webhook-id", "")
        signed = ".".join([said, headers.get("webhook-timestamp", "")]).encode()
        wanted = "v1," + base64.b64encode(
            hmac.new(self.secret, signed + b"." + body,
                     hashlib.sha256).digest()).decode()
        with self.lock:
            if wanted in headers.get("webhook-signature", "").split():
                self.deliveries[said].append(json.loads(body)["id"])
            else:
                self.forged += 1

    def snapshot(self):
        with self.lock:
            return {key: list(value) for key, value in self.deliveries.items()}

    def forget(self):
        with self.lock:
            self.deliveries.clear()

    def open(self, port):
        self.listener = self.make_listener(port)
        threading.Thread(target=self.listener.serve_forever,
                         daemon=True).start()

    def restart(self, away_seconds):
        """What is open is cut, new connections are refused meanwhile."""
        port = self.listener.server_port
        self.close()
        with self.lock:
            for each in self.connections:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        time.sleep(away_seconds)
        self.open(port)

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()
