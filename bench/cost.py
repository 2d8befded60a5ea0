"""What a tree of processes has cost so far, as /proc tells it."""

import os
import time
from dataclasses import dataclass

TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    cpu_us: float = 0.0
    pss_kib: int = 0
    switches: int = 0

    def plus(self, other):
        return Cost(self.cpu_us + other.cpu_us, self.pss_kib + other.pss_kib,
                    self.switches + other.switches)

    def since(self, earlier):
        return Cost(self.cpu_us - earlier.cpu_us, self.pss_kib,
                    self.switches - earlier.switches)


def tree(root):
    """The process and all below it."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(_stat(name)[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(name))
    found, left = [], [root]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def of(root):
    total = Cost()
    for process in tree(root):
        try:
            _add(total, process)
        except OSError:
            pass  # ended meanwhile
    return total


def everybody():
    """CPU-us of the whole machine so far, the host's share left out."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq = file.readline().split()[1:8]
    return sum(map(int, (user, nice, system, irq, softirq))) * TICK_US


def wait_for_quiet(cores, patience_s):
    """Until the machine uses less than that many cores."""
    step_s = 0.25
    for _ in range(round(patience_s / step_s)):
        before = everybody()
        time.sleep(step_s)
        if everybody() - before <= cores * step_s * 1e6:
            return


def _stat(process):
    with open(f"/proc/{process}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()


def _add(total, process):
    stat = _stat(process)
    run_ns = 0
    for thread in os.listdir(f"/proc/{process}/task"):
        base = f"/proc/{process}/task/{thread}"
        with open(f"{base}/schedstat") as file:
            run_ns += int(file.read().split()[0])
        with open(f"{base}/status") as file:
            total.switches += sum(int(line.split()[1]) for line in file
                                  if "ctxt_switches" in line)
    # The ticks also hold threads that have ended; schedstat is the finer one.
    total.cpu_us += max(run_ns / 1e3, (int(stat[11]) + int(stat[12])) * TICK_US)
    with open(f"/proc/{process}/smaps_rollup") as file:
        total.pss_kib += sum(int(line.split()[1]) for line in file
                             if line.startswith("Pss:"))
