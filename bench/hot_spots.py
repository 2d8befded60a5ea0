"""Where Troupe's time goes: perf samples of the full path at 64 connections,
by room, by thread and by function. A sample belongs to the room of the code
that ran; code of the standard library to the room that called it."""

import collections
import re
import subprocess

import servers
from report import table

RATE = 997
ALLOCATION = re.compile(r"^(_int_|__libc_)?(malloc|free|calloc|realloc)|"
                        r"^operator (new|delete)|malloc_consolidate|"
                        r"^unlink_chunk|^sysmalloc|^tcache_|^cfree")
COPYING = re.compile(r"mem(cpy|move|set|cmp|chr|mem)|str(len|cmp)")
KERNEL_WORK = [
    ("kernel: disk", re.compile(r"fdatasync|fsync|pwrite|pread|ext4|ftruncate|"
                                r"jbd2|blk_")),
    ("kernel: network", re.compile(r"tcp_|sock|sendmsg|sendto|recv|epoll|"
                                   r"inet_")),
    ("kernel: waking threads", re.compile(r"futex|eventfd|schedule|yield")),
]
# The first one named by a function owns it; templates name several.
OWNERS = re.compile(r"troupe::(\w+)::|\b(caf)::|\b(boost)::(\w+)::|"
                    r"\b(fmt|simdjson)::")


def run(seconds):
    stacks = record(max(seconds, 8))
    total = len(stacks)
    rooms = collections.Counter(room_of(stack) for _, stack in stacks)
    threads = collections.Counter(thread for thread, _ in stacks)
    own = collections.Counter((room_of(stack), short(stack[0]))
                              for _, stack in stacks)
    under = collections.Counter()
    for _, stack in stacks:
        under.update({name for name in map(short, stack)
                      if name.startswith("troupe::")})

    print(f"\n{servers.FULL}, c=64, {total} samples of CPU time\n")
    _print("room", rooms, total, 20)
    _print("thread", threads, total, 10)
    _print("function, without what it calls",
           {f"{name}  ({room})": n for (room, name), n in own.items()},
           total, 40)
    _print("our function, with what it calls", under, total, 40)


def record(seconds):
    """[(thread name, [(symbol, library), … innermost first])]"""
    data = servers.WORK / "perf.data"
    with servers.Server(servers.FULL) as server:
        server.load(64, requests=30_000)
        perf = subprocess.Popen(
            ["perf", "record", "-q", "-F", str(RATE), "-g", "--call-graph",
             "dwarf,16384", "-p", str(server.process.pid), "-o", data, "--",
             "sleep", str(seconds)], stderr=subprocess.DEVNULL)
        result = server.load(64, seconds=seconds)
        perf.wait()
        print(f"{result['rps']:.0f} events/s and {result['cpu_us']:.1f} "
              "CPU-us/event while recorded (both suffer from it)")
    text = subprocess.run(
        ["perf", "script", "-i", data, "--no-inline", "-F",
         "comm,tid,ip,sym,dso"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, errors="replace").stdout
    return list(_stacks(text))


def _stacks(text):
    for block in text.split("\n\n"):
        head, _, rest = block.strip("\n").partition("\n")
        frames = re.findall(r"^\s+[0-9a-f]+ (.*) \((.*?)\)$", rest, re.M)
        if frames:
            thread = head.rsplit(None, 1)[0].strip()
            yield thread, [(symbol, library.rsplit("/", 1)[-1])
                           for symbol, library in frames]


def room_of(stack):
    symbol, library = stack[0]
    if "kernel" in library or library.startswith("["):
        for name, pattern in KERNEL_WORK:
            if any(pattern.search(frame[0]) for frame in stack):
                return name
        return "kernel: other"
    if "sqlite" in library:
        return "SQLite"
    if "jemalloc" in library or ALLOCATION.search(symbol):
        return "malloc"
    if COPYING.search(symbol):
        return "libc: copies"
    for frame in stack:
        found = OWNERS.search(frame[0].split("(")[0]) or OWNERS.search(frame[0])
        if found:
            room, caf, boost, part, other = found.groups()
            return room or ("CAF" if caf else "") or other or f"boost {part}"
        if "sqlite" in frame[1]:
            return "SQLite"
        if "caf" in frame[1]:
            return "CAF"
    return library


def short(frame):
    """A name without its arguments, template arguments and return type."""
    name, library = frame
    if name == "[unknown]":
        return f"? in {library}"
    name = re.sub(r"\(anonymous namespace\)", "{anonymous}", name)
    name = re.sub(r"operator(<<|<=>|<=|<|>>|>=|->|>|\(\))",
                  lambda found: "operator_" + str(len(found[1])), name)
    while (shorter := re.sub(r"<[^<>]*>|\([^()]*\)", "", name)) != name:
        name = shorter
    name = name.replace(" const", "").strip()
    return name.rsplit(" ", 1)[-1][-75:]


def _print(head, counts, total, most):
    ordered = sorted(counts.items(), key=lambda item: -item[1])[:most]
    table(["share", head], [[f"{100 * n / total:5.1f} %", str(name)]
                            for name, n in ordered if n * 1000 >= total])
    print()
