#!/usr/bin/env python3
"""House rules that run: rooms include downwards only, files stay short, headers
compile alone because their own source includes them first, and calls that stop a scheduler thread or print past the log stay out.

Usage: check_layers.py ROOT; prints each breach, exits 1 if there is one.
"""
import pathlib
import re
import sys

ALLOWED = {
    "engine": {"engine"},
    "messages": {"messages", "engine"},
    "persistence": {"persistence", "engine"},
    "outbound": {"outbound", "messages", "engine"},
    "http": {"http", "messages", "engine"},
    "actors": {"actors", "messages", "persistence", "engine"},
}
BANNED = {
    r"\bsleep_(for|until)\b": {"actors", "http", "engine", "messages"},
    r"\bstd::cout\b": set(ALLOWED),
    r"\.await\(": {"actors"},
    r"\bcaf::detached\b": set(ALLOWED),
    r"\bstd::regex\b": set(ALLOWED) | {"cli"},
    r"<caf/": {"engine", "persistence"},
    r"\b(system|steady)_clock::now\b": {"engine"},
}
LINES_MAX = 400

root = pathlib.Path(sys.argv[1])
breaches = []
for room in sorted(set(ALLOWED) | {"cli"}):
    for path in sorted((root / room).rglob("*.[ch]pp")):
        text = path.read_text()
        where = path.relative_to(root)
        if text.count("\n") > LINES_MAX:
            breaches.append(f"{where}: over {LINES_MAX} lines")
        for target in re.findall(r'^#include "([a-z_]+)/', text, re.M):
            if room in ALLOWED and target not in ALLOWED[room]:
                breaches.append(f"{where}: {room} must not include {target}/")
        own = path.with_suffix(".hpp")
        first = re.search(r'^#include ["<]([^">]+)', text, re.M)
        if (path.suffix == ".cpp" and own.exists()
                and first[1] != str(own.relative_to(root))):
            breaches.append(f"{where}: its own header comes first")
        for pattern, rooms in BANNED.items():
            if room in rooms and re.search(pattern, text):
                breaches.append(f"{where}: {pattern} is not allowed in {room}")
print("\n".join(breaches) or "layers hold")
sys.exit(1 if breaches else 0)
