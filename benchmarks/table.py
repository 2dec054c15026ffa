"""What was measured, as tables: medians over the turns, ratios, targets."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.clock import percentile
from benchmarks.measurement import GATEWAY_NAME, LIMIT, LIMIT_BEHIND_DOORS, NAIVE, Measurement
from benchmarks.peers import MERCURIUS, POSTGRAPHILE

QUERIES = ("Q1", "Q2", "Q3")
"""The three that have been measured from the beginning."""


Figure = Callable[[Measurement], float]


def cpu(cell: Measurement) -> float:
    """CPU of the server a request, in milliseconds."""
    return statistics.median(turn.cpu_ms for turn in cell.together)


def rate(cell: Measurement) -> float:
    """Requests a second at sixteen connections."""
    return statistics.median(turn.requests / turn.wall for turn in cell.together)


class Measured:
    """The cells, by operation and contestant."""

    def __init__(self, cells: Sequence[Measurement]) -> None:
        self._cells = {(cell.operation, cell.contestant): cell for cell in cells}

    def cell(self, operation: str, contestant: str) -> Measurement | None:
        """One of them."""
        return self._cells.get((operation, contestant))

    @property
    def turns(self) -> int:
        """How many each contestant has had."""
        return max(len(cell.together) for cell in self._cells.values())

    def ratio(self, figure: Figure, operation: str, who: str, other: str) -> float | None:
        """A figure of one contestant to another's; None if one of them did not take part."""
        one, against = self.cell(operation, who), self.cell(operation, other)
        if one is None or against is None:
            return None
        ratio = figure(one) / (figure(against) or math.inf)
        return ratio or None  # nothing, in turns too short for the clock

    def table(self) -> str:
        """One line a cell of Q1 to Q3."""
        others = [NAIVE, LIMIT, LIMIT_BEHIND_DOORS, *(peer for peer in (POSTGRAPHILE, MERCURIUS) if self._has(peer))]
        head = ["operation", "contestant", "CPU ms", *(f"to {other}" for other in others)]
        lines = [line([*head, "requests/s at 16", "p50 ms", "p99 ms"]), line(["---"] * (len(head) + 3))]
        for (operation, contestant), cell in sorted(self._cells.items(), key=lambda each: each[0][0]):
            if operation not in QUERIES:
                continue
            latencies = [latency for turn in cell.alone for latency in turn.latencies]
            ratios = [self.ratio(cpu, operation, contestant, other) for other in others]
            shown = [f"{cpu(cell):.3f}", *("" if ratio is None else f"{ratio:.2f}" for ratio in ratios)]
            tail = [f"{rate(cell):.0f}", f"{percentile(latencies, 50):.2f}", f"{percentile(latencies, 99):.2f}"]
            lines.append(line([operation, contestant, *shown, *tail]))
        return "\n".join(lines)

    def targets(self) -> str:
        """One line a target: the bound, what was measured, whether that meets it."""
        lines = [line(["target", "bound", "measured", ""]), line(["---"] * 4)]
        lines += [self._judged(target) for target in TARGETS]
        return "\n".join(lines)

    def _judged(self, target: Target) -> str:
        ratios = [self.ratio(target.figure, target.operation, GATEWAY_NAME, other) for other in target.others]
        known = [ratio for ratio in ratios if ratio is not None]
        bound = f"{'at most' if target.figure is cpu else 'at least'} {target.bound:g}"
        if not known:
            return line([target.text, bound, "", "not measured"])
        # The best peer is the one that leaves the gateway the smallest advantage.
        ratio = max(known) if target.figure is cpu else min(known)
        met = ratio <= target.bound if target.figure is cpu else ratio >= target.bound
        return line([target.text, bound, f"{ratio:.2f}", "met" if met else "MISSED"])

    def _has(self, contestant: str) -> bool:
        return any(name == contestant for _, name in self._cells)


def line(fields: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(fields)} |"


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on the ratio of the gateway's figure to others' of the same operation."""

    text: str
    operation: str
    figure: Figure
    bound: float
    others: tuple[str, ...]


_PEERS = (POSTGRAPHILE, MERCURIUS)
TARGETS = (
    Target("Q1: CPU to PostGraphile", "Q1", cpu, 0.25, (POSTGRAPHILE,)),
    Target("Q1: CPU to mercurius", "Q1", cpu, 0.4, (MERCURIUS,)),
    Target("Q2: CPU to PostGraphile", "Q2", cpu, 0.15, (POSTGRAPHILE,)),
    Target("Q3: CPU to mercurius", "Q3", cpu, 1.0, (MERCURIUS,)),
    *(Target(f"{name}: CPU to the limit behind the doors", name, cpu, 1.3, (LIMIT_BEHIND_DOORS,)) for name in QUERIES),
    *(
        Target(f"{name}: requests/s to the best peer", name, rate, bound, _PEERS)
        for name, bound in (("Q1", 2.5), ("Q2", 2.5), ("Q3", 1.2))
    ),
)
