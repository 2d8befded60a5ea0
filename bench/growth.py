"""Rates as the tables grow: batches fill the store, and at each size single
events are measured; on one store after the other. Started by
scripts/bench-growth."""

import argparse
import os
import pathlib
import subprocess

import cost
import servers
from report import table
from servers import BARE, POSTGRES, Server

BATCH = 100
BATCH_CONNECTIONS = 16
CONNECTIONS = 64
# Of events stored, in millions; those up to what is asked for.
SIZES = (0.5, 1, 2, 3, 5, 7.5, 10)


def stored_bytes(server):
    """What the store takes on the disk."""
    if server.database:
        answer = subprocess.run(
            ["psql", "-XAtq", server.database.url, "-c",
             "SELECT pg_database_size(current_database())"],
            check=True, capture_output=True, text=True).stdout
        return int(answer)
    data = pathlib.Path(servers.WORK / "data")
    return sum(each.stat().st_size for each in data.rglob("*")
               if each.is_file())


def grow(name, millions, contacts, seconds):
    """[a row for each size]"""
    rows = []
    with Server(name) as server:
        # The first event of a contact is another matter than the ones after.
        server.load(BATCH_CONNECTIONS, requests=4 * contacts // BATCH,
                    path="/v1/batch", batch=BATCH, contacts=contacts)
        stored = 4 * contacts
        for size in (each for each in SIZES if each <= millions):
            missing = size * 1e6 - stored
            filling = server.load(BATCH_CONNECTIONS,
                                  requests=max(1, int(missing) // BATCH),
                                  path="/v1/batch", batch=BATCH,
                                  contacts=contacts)
            sync = servers.disk_sync()
            single = server.load(CONNECTIONS, seconds=seconds,
                                 contacts=contacts)
            stored += filling["requests"] * BATCH + single["requests"]
            rows.append({"size": size, "filling": filling, "single": single,
                         "disk": sync, "bytes": stored_bytes(server)})
            print(f"  {name}, {size} million: {single['rps']:,.0f}/s, "
                  f"{single['cpu_us']:.1f} CPU-us", flush=True)
    return rows


def show(name, rows):
    first = rows[0]["single"]
    print(f"\n{name}\n")
    table(("million events", "single/s", "of the first", "CPU-us", "p99 ms",
           "longest ms", "in batches/s", "CPU-us", "longest ms", "GiB",
           "PSS MiB", "fdatasync/s then", "others"),
          [(f"{each['size']:g}", f"{each['single']['rps']:,.0f}",
            f"{each['single']['rps'] / first['rps']:.2f}",
            f"{each['single']['cpu_us']:.1f}",
            f"{each['single']['p99_ms']:.1f}",
            f"{each['single']['max_ms']:.0f}",
            f"{each['filling']['rps'] * BATCH:,.0f}",
            f"{each['filling']['cpu_us'] / BATCH:.1f}",
            f"{each['filling']['max_ms']:.0f}",
            f"{each['bytes'] / 2**30:.1f}",
            f"{each['single']['pss_mib']:.0f}",
            f"{each['disk']['syncs_per_second']:,.0f}",
            f"{each['single']['others_cores']:.2f}") for each in rows])


def main():
    options = argparse.ArgumentParser(prog="scripts/bench-growth",
                                      description=__doc__)
    options.add_argument("--millions", type=float, default=10)
    options.add_argument("--contacts", type=int, default=100_000)
    options.add_argument("--seconds", type=float, default=10,
                         help="of single events at each size")
    options.add_argument("--store", choices=("sqlite", "postgresql"))
    given = options.parse_args()
    os.sched_setaffinity(0, {int(servers.LOAD_CORE)})
    for store, name in (("postgresql", POSTGRES), ("sqlite", BARE)):
        if given.store in (None, store):
            cost.wait_for_quiet(0.1, 15)
            show(name, grow(name, given.millions, given.contacts,
                            given.seconds))


main()
