"""What a server holds over time: memory, descriptors, threads, and rows of
work that is left. Two thirds of the time since the last start are judged; the
first third is its warm-up."""
import csv
import os
import threading
import time

FIELDS = ("seconds", "resident", "anonymous", "descriptors", "threads")
WARM_UP = 1 / 3
PENDING_EVERY = 10  # samples: counting rows is work for the store


def of_process(process):
    """(resident, anonymous, descriptors, threads)"""
    values = {}
    with open(f"/proc/{process}/status", encoding="ascii") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            values[name] = value.split()
    return (1024 * int(values["VmRSS"][0]), 1024 * int(values["RssAnon"][0]),
            len(os.listdir(f"/proc/{process}/fd")), int(values["Threads"][0]))


def slope(points):
    """Of y over x, least squares."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    below = sum((x - mean_x) ** 2 for x, _ in points)
    if not below:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / below


class Samples:
    def __init__(self, server, store, path):
        self.server = server
        self.store = store
        self.rows = []
        self.first = 0  # since the last start
        self.count = 0
        self.ends = threading.Event()
        self.file = open(path, "w", encoding="ascii") if path else None
        self.writer = csv.writer(self.file) if path else None
        if path:
            self.writer.writerow(FIELDS + ("pending",))

    def begin(self, seconds):
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.run, args=(seconds,),
                                       daemon=True)
        self.thread.start()

    def begin_again(self):
        """The server is another one."""
        self.first = len(self.rows)

    def run(self, seconds):
        while not self.ends.wait(seconds):
            try:
                held = of_process(self.server.process.pid)
            except (OSError, KeyError):
                continue  # it is between two lives
            row = (time.monotonic() - self.began, *held)
            self.rows.append(row)
            self.count += 1
            if self.writer:
                pending = ""
                if self.count % PENDING_EVERY == 0:
                    pending = sum(self.store.pending().values())
                self.writer.writerow([round(row[0], 1), *held, pending])
                self.file.flush()

    def end(self):
        self.ends.set()
        self.thread.join(30)
        if self.file:
            self.file.close()

    def judged(self):
        rows = self.rows[self.first:]
        return rows[int(len(rows) * WARM_UP):]

    def slopes(self):
        """{what: growth an hour}"""
        rows = self.judged()
        return {name: 3600 * slope([(row[0], row[number]) for row in rows])
                for number, name in enumerate(FIELDS) if number}

    def is_flat(self, name, slack=0):
        """The last third holds no more than the one before at its most, but
        for what comes and goes within a short time."""
        values = [row[FIELDS.index(name)] for row in self.judged()]
        half = len(values) // 2
        return half > 0 and min(values[half:]) <= max(values[:half]) + slack
