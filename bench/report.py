"""Tables out of the bench's numbers. A figure is the median of the rounds with
[least..most]; a ratio is taken inside each round, because the machine moves
more between rounds than Troupe does."""

from statistics import median

from servers import (BARE, FLOOR_LOG, FLOOR_SQLITE, FULL, NODE_NONE,
                     NODE_POSTGRES, NODE_SQLITE, POSTGRES)

RATIOS = [(BARE, NODE_SQLITE), (FULL, NODE_SQLITE), (BARE, FLOOR_SQLITE),
          (FULL, FLOOR_SQLITE), (BARE, FLOOR_LOG), (BARE, NODE_NONE),
          (FULL, BARE), (POSTGRES, NODE_POSTGRES), (POSTGRES, BARE)]


def spread(values, digits=0):
    def text(value):
        return f"{value:,.{digits}f}"
    low, high = text(min(values)), text(max(values))
    return text(median(values)) + (f" [{low}..{high}]" if low != high else "")


def table(head, rows):
    if not rows:
        return
    rows = [head, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for number, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width
                                in zip(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


class Numbers:
    """Values over the rounds of one run; empty where nothing was measured."""

    def __init__(self, everything):
        self.rounds = everything["rounds"]
        self.syncs_per_event = everything["syncs_per_event"]

    def of(self, name, connections, *path):
        values = []
        for measured in self.rounds:
            value = measured["servers"].get(name, {}).get(connections)
            for step in path:
                value = value and value[step]
            if value is not None:
                values.append(value)
        return values

    def ratios(self, above, below, connections, field="rps"):
        return [a / b for a, b in zip(self.of(above, connections, field),
                                      self.of(below, connections, field))]

    def store_ratios(self, name, kind, connections):
        return [a / b["raw_store"][kind]["rps"] for a, b
                in zip(self.of(name, connections, "rps"), self.rounds)]


def print_all(everything):
    numbers = Numbers(everything)
    print(f"\n{everything['date']}  commit {everything['commit']}  "
          f"{everything['cpu']}, {everything['cores']} cores, "
          f"{len(everything['rounds'])} rounds; the server on one core, the "
          "load on another\n")
    _print_servers(numbers)
    _print_ratios(numbers)
    print()
    _print_goals(numbers)
    _print_disturbance(everything["rounds"])


def _print_disturbance(rounds):
    disturbed = sum(result["others_cores"] > 0.1 for measured in rounds
                    for by_load in measured["servers"].values()
                    for result in by_load.values())
    if disturbed:
        print(f"\nNOT QUIET: in {disturbed} measurements others took more than "
              "0.1 of a core; events/s, latencies and their ratios then mean "
              "little, CPU-us/event still means something.")


def _print_servers(numbers):
    rows = []
    for name in numbers.rounds[0]["servers"]:
        for connections in (1, 64, 256):
            def column(*path, digits=0):
                return spread(numbers.of(name, connections, *path), digits)
            rows.append([name, str(connections), column("rps"),
                         column("p50_ms", digits=2),
                         column("p99_ms", digits=1),
                         column("cpu_us", digits=1),
                         column("cores", digits=2),
                         column("switches", digits=2), column("pss_mib"),
                         column("disk", "syncs_per_second"),
                         column("others_cores", digits=2)])
    table(["server", "c", "events/s", "p50 ms", "p99 ms", "CPU-us/event",
           "cores", "switches/event", "PSS MiB", "fdatasync/s then",
           "others"], rows)


def _print_ratios(numbers):
    rows = []
    for above, below in RATIOS:
        cells = [spread(numbers.ratios(above, below, connections, field), 2)
                 for field in ("rps", "cpu_us") for connections in (64, 256)
                 if numbers.ratios(above, below, connections, field)]
        if cells:
            rows.append([f"{above} / {below}", *cells])
    if rows:
        print("\nratios inside each round\n")
    table(["ratio", "events/s c=64", "events/s c=256", "CPU-us c=64",
           "CPU-us c=256"], rows)


def _goals(numbers):
    """(goal, [(at, value)], minimum, good, whether more is better)."""
    def at_load(values_of):
        return [(f"c={c}", median(values_of(c))) for c in (64, 256)
                if values_of(c)]

    def ratio(above, below):
        return at_load(lambda c: numbers.ratios(above, below, c))

    def cpu(name):
        return at_load(lambda c: numbers.of(name, c, "cpu_us"))

    def in_syncs(name):
        values = [p50 / sync for p50, sync in zip(
            numbers.of(name, 1, "p50_ms"),
            numbers.of(name, 1, "disk", "p50_ms"))]
        return [("c=1", median(values))] if values else []

    def p99(name):
        values = numbers.of(name, 64, "p99_ms")
        return [("c=64", median(values))] if values else []

    def raw(name, kind):
        return at_load(lambda c: numbers.store_ratios(name, kind, c))

    def syncs(name):
        value = numbers.syncs_per_event.get(name)
        return [("c=64", value)] if value is not None else []

    def per_cpu(name):
        return at_load(
            lambda c: numbers.ratios(NODE_SQLITE, name, c, "cpu_us"))

    peer_p99 = numbers.of(NODE_SQLITE, 64, "p99_ms")
    return [
        ("bare, events/s against node + SQLite", ratio(BARE, NODE_SQLITE),
         1.5, 1.9, True),
        ("full, events/s against node + SQLite bare", ratio(FULL, NODE_SQLITE),
         1.0, 1.4, True),
        ("bare, events per CPU-second against node + SQLite", per_cpu(BARE),
         1.5, 1.9, True),
        ("full, events per CPU-second against node + SQLite bare",
         per_cpu(FULL), 1.0, 1.4, True),
        ("bare on PostgreSQL, events/s against node + PostgreSQL",
         ratio(POSTGRES, NODE_POSTGRES)[:1], 4, 6, True),
        ("bare, CPU-us per durable event", cpu(BARE), 43, 34, False),
        ("full, CPU-us per durable event", cpu(FULL), 65, 46, False),
        ("bare, fraction of the SQLite floor", ratio(BARE, FLOOR_SQLITE),
         0.7, 0.85, True),
        ("bare, fraction of the raw store, 100 a transaction",
         raw(BARE, "bare"), 0.5, 0.75, True),
        ("full, fraction of the raw store, 100 a transaction",
         raw(FULL, "full"), 0.5, 0.75, True),
        ("bare, p50 in fdatasyncs", in_syncs(BARE), 2.5, 1.7, False),
        ("full, p50 in fdatasyncs", in_syncs(FULL), 2.5, 1.7, False),
        ("bare, p99 ms (minimum: node + SQLite's)", p99(BARE),
         median(peer_p99) if peer_p99 else 45, 8, False),
        ("full, p99 ms (minimum: node + SQLite's)", p99(FULL),
         median(peer_p99) if peer_p99 else 45, 8, False),
        ("bare, fdatasync per event", syncs(BARE), 1 / 10, 1 / 30, False),
        ("full, fdatasync per event", syncs(FULL), 1 / 10, 1 / 30, False),
    ]


def _print_goals(numbers):
    rows = []
    for goal, values, minimum, good, is_more_better in _goals(numbers):
        if not values:
            continue
        sign = ">=" if is_more_better else "<="

        def reaches(limit):
            return all(value >= limit if is_more_better else value <= limit
                       for _, value in values)
        met = ("good" if reaches(good) else
               "minimum" if reaches(minimum) else "NO")
        rows.append([goal, f"{sign} {minimum:.3g}", f"{sign} {good:.3g}",
                     ", ".join(f"{value:.3g} ({at})" for at, value in values),
                     met])
    table(["goal", "minimum", "good", "measured", "met"], rows)
