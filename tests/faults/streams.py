"""Byte streams to confuse parsers with: the requests of
tests/system/tables/http_requests.txt, changed at random."""
import pathlib
import re

TABLE = (pathlib.Path(__file__).parents[1] / "system" / "tables"
         / "http_requests.txt")
EVENT = ('{"type":"desync.sent","contact":{"external_id":"usr_1"},'
         '"metadata":{"n":1234567}}')
HOST = "Host: troupe\r\n"
SOUND = ("GET /healthz HTTP/1.1\r\nHost: troupe\r\n"
         "Connection: close\r\n\r\n").encode()
LONGEST = 20_000
# What parsers differ about.
PIECES = [each.encode("latin-1") for each in (
    "\r\n", "\n", "\r", "\r\n\r\n", "\n\n", " ", "\t", "\0", "\v", "\f", ":",
    ";", ",", "\x85", "\xa0", "\xff", "0\r\n\r\n", "0\r\n", "1\r\nZ\r\n",
    "Transfer-Encoding: chunked\r\n", "transfer-encoding:\tchunked\r\n",
    "Transfer-Encoding : chunked\r\n", "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: identity\r\n", "Transfer-Encoding:\r\n chunked\r\n",
    "Transfer-Encoding: chunked, chunked\r\n", "Content-Length: 0\r\n",
    "Content-Length: 5\r\n", "Content-Length: +5\r\n", "Content-Length:\r\n",
    "Content-Length: 5, 5\r\n", "Content-Length: 05\r\n",
    "Content-Length: 18446744073709551617\r\n", "Content-Length: 5 5\r\n",
    "Content_Length: 5\r\n", "Connection: close\r\n",
    "Connection: keep-alive, content-length\r\n", "Expect: 100-continue\r\n",
    "Upgrade: h2c\r\n", "GET / HTTP/1.1\r\nHost: troupe\r\n\r\n",
    "GET /v1/events HTTP/1.1\r\nHost: troupe\r\n\r\n", " HTTP/1.1", "HTTP/1.0",
    "HTTP/0.9", "X: ", "Trailer: X\r\n", ";a=b", ";a=\"\n\"", "0x", "-1",
    "00000000000000005", "ffffffffffffffff", "\r\n x")]


def unescaped(text):
    codes = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}

    def replace(found):
        code = found.group(1)
        return codes.get(code) or chr(int(code[1:], 16))

    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", replace, text)


def written_out(text, key):
    size = len(EVENT)
    text = unescaped(text.replace("¶", "\r\n"))
    text = re.sub(r"\{([^{}]*)\*(\d+)\}",
                  lambda found: found.group(1) * int(found.group(2)), text)
    for name, value in (
            ("{P}", "POST /v1/events HTTP/1.1\r\n{H}{K}{J}"),
            ("{G}", "GET /healthz HTTP/1.1\r\n{H}"), ("{H}", HOST),
            ("{K}", f"Authorization: Bearer {key}\r\n"),
            ("{J}", "Content-Type: application/json\r\n"),
            ("{X}", f"{size:X}"), ("{N}", str(size)), ("{E}", EVENT)):
        text = text.replace(name, value)
    return text.encode("latin-1", "replace")


def read_table(key):
    """The requests as bytes, without those that are only long."""
    rows = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            made = written_out(line.split("|", 2)[2].removeprefix(" "), key)
            if len(made) < LONGEST:
                rows.append(made)
    return rows


class Streams:
    def __init__(self, rows):
        self.rows = rows

    def make(self, random):
        """One stream, with the sound request behind it."""
        data = bytearray(random.choice(self.rows))
        if random.random() < 0.3:
            data += random.choice(self.rows)
        for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            self.change(data, random)
        if random.random() < 0.9:  # so that events are told apart
            number = str(random.randrange(10**6, 10**7)).encode()
            data = data.replace(b"1234567", number)
        return bytes(data[:LONGEST]) + SOUND

    def change(self, data, random):
        at = self.place(data, random)
        kind = random.randrange(8)
        if kind < 3:
            data[at:at] = random.choice(PIECES)
        elif kind == 3 and data:
            data[at % len(data)] = random.randrange(256)
        elif kind == 4:
            del data[at:at + random.choice((1, 1, 2, 5, 20))]
        elif kind == 5:
            end = at + random.choice((1, 2, 10, 40))
            data[at:at] = data[at:end]
        elif kind == 6:
            piece = random.choice(PIECES)
            data[at:at + len(piece)] = piece
        else:
            other = random.choice(self.rows)
            cut = random.randrange(len(other) + 1)
            data[at:at] = other[cut:cut + random.choice((10, 50, 300))]

    @staticmethod
    def place(data, random):
        """Most often where a line ends, which is where framing is decided."""
        if random.random() < 0.6:
            ends = [found.end() for found in re.finditer(rb"\r\n|:", data)]
            if ends:
                return random.choice(ends[:40])
        return random.randrange(len(data) + 1)
