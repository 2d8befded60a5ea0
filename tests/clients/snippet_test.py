#!/usr/bin/env python3
"""The script for pages, in Chromium: what a visitor does arrives once and in order, also when Troupe is away for a part
of the visit, and nothing of what was typed.

usage: snippet_test.py TROUPE NODE_FOLDER
"""
import json
import pathlib
import subprocess
import sys
import tempfile

from troupe import Troupe, check, node_in, wait_until


class Visit:
    def __init__(self, server, key, node_folder, folder):
        node = node_in(folder, node_folder, "browser.mjs", "snippet_page.mjs")
        self.process = subprocess.Popen([node, "snippet_page.mjs", server.url, key], cwd=folder, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def part(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        check(line, f"the page took the part {name}")
        check(json.loads(line) == [], f"the page finds no fault in {name}: {line}")

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


def metadata(events, type):
    return [each["metadata"] for each in events if each["type"] == type]


def numbers(events):
    return [each["n"] for each in metadata(events, "order_completed")]


def test(server, visit):
    visit.part("shop")
    visit.part("form")
    wait_until(lambda: server.all_events("$form_submitted"), "the form is told")
    server.kill()
    visit.part("outage")
    server.start()
    visit.part("back")
    visit.part("leave")
    events = wait_until(lambda: (found := server.events("usr_web")) and len(numbers(found)) >= 12 and found,
                        "what a page does last is told")

    check(numbers(events) == list(range(12)), f"each once and in order, not {numbers(events)}")
    views = metadata(events, "$page_view")
    check([each["path"] for each in views] == ["/", "/pricing", "/thanks", "/basket"], f"pages of {views}")
    check([each["title"] for each in views] == ["Shop", "Pricing", "Thanks", "Basket"], f"titles of {views}")
    check(views[1]["referrer"] == views[0]["url"], f"a page within a page has a referrer: {views}")
    check(len(metadata(events, "early_bird")) == 3, "calls before the script was there are made")
    forms = metadata(events, "$form_submitted")
    check(forms == [{"form_id": "signup", "fields": ["email", "size"]}], f"names of fields alone, not {forms}")
    sessions = metadata(server.events("usr_web", "$session_start"), "$session_start")
    check(len(sessions) == 1, f"one session, not {sessions}")
    contact = server.contact("usr_web")
    check(contact["attributes"].get("plan") == "pro" and contact["email"] == "web@example.com", f"traits of {contact}")

    # The page begins a session, Troupe ends it, under one id.
    [workspace] = server.ask("/v1/workspaces")["data"]
    server.ask(f"/v1/workspaces/{workspace['id']}", {"sessions": {"of": "browser", "gap": "1s"}}, method="PATCH")
    visit.part("other")
    wait_until(lambda: numbers(server.events("usr_other")) == [100], "somebody else is somebody else")
    check(numbers(server.events("usr_web")) == list(range(12)), "and has nothing of the one before")
    ended = wait_until(lambda: metadata(server.events("usr_other", "$session_end"), "$session_end"), "the session ends")
    began = metadata(server.events("usr_other", "$session_start"), "$session_start")
    check([each["session_id"] for each in began] == [each["session_id"] for each in ended] and len(ended) == 1,
          f"one session, {began} to {ended}")
    visit.part("sandbox")
    wait_until(lambda: server.all_events("sandbox_seen"), "a page without a store tells what happens")
    everything = server.all_events()
    check("hush" not in json.dumps(everything), "nothing of what was typed is told")
    told = [each["id"] for each in everything]
    check(len(told) == len(set(told)), "no event is listed twice")


def main():
    binary, node_folder = (pathlib.Path(each).resolve() for each in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="troupe-snippet-") as folder:
        server = Troupe(binary, folder)
        key = server.ask("/v1/keys", {"name": "page", "kind": "write", "scopes": ["events:write"]})["key"]
        visit = Visit(server, key, node_folder, folder)
        try:
            test(server, visit)
        finally:
            visit.end()
            server.stop()


main()
