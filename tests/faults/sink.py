"""A webhook receiver that keeps what it gets and checks each signature."""
import base64
import collections
import hashlib
import hmac
import http.server
import json
import threading


class Sink:
    """`deliveries`: webhook-id to the event ids it came with, one an arrival;
    `forged` counts calls whose signature is wrong."""

    def __init__(self):
        self.lock = threading.Lock()
        self.deliveries = collections.defaultdict(list)
        self.forged = 0
        self.secret = b""
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.take(self.headers, body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a killed sender leaves broken connections behind

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_port}/hook"
        threading.Thread(target=self.listener.serve_forever,
                         daemon=True).start()

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

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()
