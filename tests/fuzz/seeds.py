#!/usr/bin/env python3
"""What the fuzzers begin with: the tables that the tests send to the binary.

usage: tests/fuzz/seeds.py CORPORA    (one folder per target is made in it)
"""
import hashlib
import pathlib
import re
import sys

TABLES = pathlib.Path(__file__).parents[1] / "system" / "tables"
SIZE_MAX = 20_000
EVENT = '{"type":"a.b","contact":{"external_id":"u"},"metadata":{"a":1}}'
MEANT = {"H": "Host: a\r\n", "K": "Authorization: Bearer k\r\n",
         "J": "Content-Type: application/json\r\n", "E": EVENT,
         "N": str(len(EVENT)), "X": f"{len(EVENT):X}",
         "G": "GET /healthz HTTP/1.1\r\nHost: a\r\n",
         "P": "POST /v1/events HTTP/1.1\r\nHost: a\r\n"}
NAMED = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


def rows(name):
    for line in (TABLES / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("|", 2)[2][1:]


def requests():
    for text in rows("http_requests.txt"):
        text = re.sub(r"\\(?:x([0-9a-f]{2})|([rnt0\\]))", lambda found: chr(
            int(found[1], 16)) if found[1] else NAMED[found[2]],
            text.replace("¶", "\r\n"))
        text = re.sub(r"\{(?:([A-Z])|([^{}]*)\*(\d+))\}", lambda found: MEANT.get(
            found[1], "") if found[1] else found[2] * int(found[3]), text)
        yield text.encode("latin-1")


def json_texts():
    for text in rows("json_texts.txt"):
        text = re.sub(r"%\(([^()]*)\*(\d+)\)",
                      lambda found: found[1] * int(found[2]), text)
        yield re.sub(rb"%([0-9a-f]{2})",
                     lambda found: bytes([int(found[1], 16)]), text.encode())


def main():
    corpora = pathlib.Path(sys.argv[1])

    def keep(target, data):
        if len(data) > SIZE_MAX:
            return
        folder = corpora / f"troupe_fuzz_{target}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)

    for request in requests():
        keep("http_head", request)
        target, _, body = request.partition(b"\r\n\r\n")
        keep("http_chunked", body)
        keep("http_query", target.split(b" ")[1].partition(b"?")[2]
             if b" " in target else b"")
    for text in json_texts():
        keep("json_in", text)
        keep("definition", text)
        keep("body", b'{"type":"a.b","contact":{"external_id":"u"},'
             b'"metadata":{"a":' + text + b"}}")


main()
