"""How long a process has worked, and how long its answers took."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living children so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(map(cpu_seconds, map(int, children)))


def resident_bytes(pid: int) -> int:
    """The memory that a process holds: its resident set."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


@dataclass(slots=True)
class Sample:
    """One turn of one request: how often, how much work, how long."""

    requests: int
    cpu: float
    wall: float
    latencies: list[float]

    @property
    def cpu_ms(self) -> float:
        """CPU of the server per request, in milliseconds."""
        return self.cpu / self.requests * 1000


class Stopwatch:
    """Measures the work of a process and the wall time between its making and ``stop``."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._cpu = cpu_seconds(pid)
        self._wall = time.perf_counter()

    def stop(self, latencies: list[float]) -> Sample:
        """The turn that ends now, with one latency (seconds) a request."""
        cpu = cpu_seconds(self._pid) - self._cpu
        return Sample(len(latencies), cpu, time.perf_counter() - self._wall, latencies)


def percentile(latencies: list[float], share: int) -> float:
    """The latency, in milliseconds, that ``share`` per cent of the requests stayed under."""
    if len(latencies) == 1:
        return latencies[0] * 1000
    return statistics.quantiles(latencies, n=100)[share - 1] * 1000
