#!/usr/bin/env python3
"""A client that somebody else wrote, unchanged but for its URL and key, against the real Troupe: every event arrives
once, in order, on the right contact, and what is said of the contact stands on it. Three times: as it is (`plain`),
through a front that refuses and drops requests (`unreliable`), and with Troupe killed and started again (`killed`).

usage: run.py [--one-round] CLIENT TROUPE NODE_FOLDER [SEED]
With --one-round only that with the most faults. NODE_FOLDER has the node_modules that `scripts/npm-install tests/clients NODE_FOLDER` makes.
"""
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from troupe import Troupe, check, node_in, wait_until

EVENTS = 30
PAUSE = 20  # ms
EVERY_FAULT = ("429", "500", "lost", "unheard")
ANY_STATUS = "it takes any status for success"


@dataclasses.dataclass
class Client:
    faults: tuple = EVERY_FAULT  # what the front does to it
    killed: bool = True
    tls: bool = False
    traits: bool = True  # it says what it knows of a contact
    aliases: bool = False  # it joins a visitor with the contact
    browser: bool = False  # it runs on a page
    why: str = ""  # some mode or fault is left out


CLIENTS = {
    "native": Client(traits=False),
    "segment_node": Client(aliases=True),
    "segment_legacy_node": Client(aliases=True),
    "rudderstack_node": Client(aliases=True),
    "customerio_cdp_node": Client(aliases=True),
    "customerio_node": Client(),
    "customerio_node_4": Client(tls=True, faults=(), why="it speaks https only, and the front does not"),
    "cloudevents": Client(traits=False, faults=("lost", "unheard"), why=ANY_STATUS),
    "posthog_node": Client(why="an id that events came under is a person's, and stays one"),
    "posthog_browser": Client(faults=(), aliases=True, browser=True, why="it sends three requests in all"),
    "posthog_browser_lite": Client(aliases=True, browser=True),
    "amplitude_node": Client(),
    "loops": Client(),
    "inngest": Client(traits=False),
    "segment_next": Client(aliases=True, browser=True),
    "rudderstack_browser": Client(aliases=True, browser=True),
    "customerio_cdp_browser": Client(aliases=True, browser=True, faults=("lost", "unheard"), why=ANY_STATUS),
    "dittofeed_node": Client(faults=(), killed=False, why="it ends the process when a request fails"),
}


class Run:
    def __init__(self, name, binary, node_folder, folder, seed):
        self.name, self.seed, self.client = name, seed, CLIENTS[name]
        self.folder = pathlib.Path(folder)
        self.node = node_in(folder, node_folder, "scenario.mjs", "steps.mjs", "page.mjs", "browser.mjs",
                            "unreliable_front.mjs", "drivers")
        self.server = Troupe(binary, folder, tls=self.client.tls)

    @contextlib.contextmanager
    def sending(self, url, user, pause=PAUSE):
        environment = dict(os.environ)
        if self.client.tls:
            environment["NODE_EXTRA_CA_CERTS"] = str(self.server.certificate)
        script = "page.mjs" if self.client.browser else "scenario.mjs"
        process = subprocess.Popen([self.node, script, self.name, url, self.server.client_key, user, str(EVENTS), str(pause)],
                                   cwd=self.folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def finish(self, process, user):
        """Waits for the client to have sent everything, and lets it go."""
        if self.client.browser:  # none says when it has
            wait_until(lambda: len(self.numbers(user)) >= EVENTS and self.has_visit(user),
                       f"all of {user} is there", patience=60)
        process.stdin.close()
        failed = process.wait(60)
        # A browser's console tells every request that failed.
        check(not failed or (self.client.browser and user != "usr_plain"), f"the client is content with {user}")

    def numbers(self, user):
        return [each["metadata"].get("n") for each in self.server.events(user, "order.completed")]

    def has_visit(self, user):
        """A batch that was cut off by a kill may be there in part until the client sends it again."""
        return not self.client.aliases or self.server.events(user, "visit.began")

    def judge(self, user):
        sent = [{"n": n, "order_id": f"ord_{n}", "total": 42.99, "first_purchase": n == 0} for n in range(EVENTS)]
        order = self.numbers(user)
        check(order == list(range(EVENTS)), f"{user}: each event once and in order, not {order}")
        found = self.server.events(user, "order.completed")
        for each, metadata in zip(found, sent):
            check(metadata.items() <= each["metadata"].items(), f"{user}: what was sent, not {each['metadata']}")
        contact = self.server.contact(user)
        if self.client.traits:
            attributes = contact["attributes"]
            check((attributes.get("plan"), attributes.get("seats")) == ("pro", 3), f"{user}: its traits in {attributes}")
        if self.client.traits or self.name == "cloudevents":
            check(contact["email"] == f"{user}@example.com", f"{user}: its e-mail in {contact}")
        if self.client.aliases:
            visits = self.server.events(user, "visit.began")
            check(len(visits) == 1, f"{user}: the visit before it was known, not {visits}")

    def plain(self):
        with self.sending(self.server.url, "usr_plain") as process:
            self.finish(process, "usr_plain")
        self.judge("usr_plain")

    def unreliable(self):
        front = subprocess.Popen([self.node, "unreliable_front.mjs", self.server.url, str(self.seed), *self.client.faults],
                                 cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            with self.sending(front.stdout.readline().strip(), "usr_unreliable") as process:
                self.finish(process, "usr_unreliable")
        finally:
            done = json.loads(front.communicate()[0])
            print("the front:", done, flush=True)
        check(all(done.values()), f"every fault came: {done}")
        self.judge("usr_unreliable")

    def killed(self):
        with self.sending(self.server.url, "usr_killed", pause=50) as process:
            wait_until(lambda: len(self.numbers("usr_killed")) >= EVENTS // 3, "a third is there")
            self.server.kill()
            self.server.start()
            self.finish(process, "usr_killed")
        self.judge("usr_killed")

    def modes(self):
        return [self.plain] + [self.unreliable] * bool(self.client.faults) + [self.killed] * self.client.killed


def main():
    arguments = sys.argv[1:]
    one_round = arguments[0] == "--one-round"
    name, binary, node_folder, *rest = arguments[one_round:]
    binary, node_folder = pathlib.Path(binary).resolve(), pathlib.Path(node_folder).resolve()
    seed = int(rest[0]) if rest else random.randrange(2 ** 31)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="troupe-client-") as folder:
        run = Run(name, binary, node_folder, folder, seed)
        try:
            # The front's round has more faults than a kill, and that more than none.
            modes = run.modes()
            for mode in (modes[1:2] or modes) if one_round else modes:
                mode()
                print(f"{name}: {mode.__name__} holds", flush=True)
        finally:
            run.server.stop()
    if run.client.why:
        print(f"{name}: not all modes, because {run.client.why}")


main()
