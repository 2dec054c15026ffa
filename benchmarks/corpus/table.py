"""The corpus in the report: a line for each operation, geometric means, and the targets."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.clock import percentile
from benchmarks.corpus.contest import PLACED
from benchmarks.corpus.operations import CorpusOperation, corpus
from benchmarks.measurement import GATEWAY_NAME, LIMIT, LIMIT_BEHIND_DOORS, REST
from benchmarks.peers import MERCURIUS, POSTGRAPHILE
from benchmarks.table import Figure, Measured, cpu, line, rate

FEW_LEAVES = 10
"""Look-ups with fewer may be dearer than the better peer."""
Ratios = Mapping[str, float]
"""By operation."""


def corpus_section(measured: Measured) -> str:
    """All of it; what was not measured has no line."""
    read = [each for each in corpus() if not each.writes]
    return f"""
## Corpus

Pages, lists and changes as frontends and back offices send them (`corpus/operations.toml`), by GraphQL unless REST is
named. Ratios are of CPU, but for the last column: that is of requests a second at 16 connections. The limit is one
statement by hand behind the gateway's doors; for {PLACED} the same statements by hand, without doors. The answer of a
peer has as many leaves as ours.

{_lines(measured)}

{_means(measured, read)}

{_targets(measured, read)}
"""


def _lines(measured: Measured) -> str:
    head = [
        "operation",
        "leaves",
        "CPU ms",
        "to limit",
        "to PostGraphile",
        "to mercurius",
        "to better peer",
        "to GraphQL",
    ]
    lines = [line([*head, "requests/s", "p50 ms", "p99 ms", "rate to better peer"]), line(["---"] * (len(head) + 4))]
    for asked in corpus():
        lines += [_line(measured, asked, who) for who in (GATEWAY_NAME, REST) if measured.cell(asked.name, who)]
    return "\n".join(lines)


def _line(measured: Measured, asked: CorpusOperation, who: str) -> str:
    name, cell = asked.name, measured.cell(asked.name, who)
    assert cell is not None  # noqa: S101 - asked for by those who found it
    latencies = [latency for turn in cell.alone for latency in turn.latencies]
    others = (LIMIT if asked.writes else LIMIT_BEHIND_DOORS, POSTGRAPHILE, MERCURIUS)
    ratios = [measured.ratio(cpu, name, who, other) for other in others]
    same = measured.ratio(cpu, name, REST, GATEWAY_NAME) if who == REST else None
    shown = [*ratios, _to_better_peer(measured, cpu, name, who), same]
    tail = [f"{rate(cell):.0f}", f"{percentile(latencies, 50):.2f}", f"{percentile(latencies, 99):.2f}"]
    faster = _shown(_to_better_peer(measured, rate, name, who))
    title = f"{name}, REST" if who == REST else name
    return line([title, str(cell.leaves), f"{cpu(cell):.3f}", *map(_shown, shown), *tail, faster])


def _shown(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _to_better_peer(measured: Measured, figure: Figure, name: str, who: str) -> float | None:
    """The ratio to the peer that leaves the gateway the smallest advantage."""
    found = [measured.ratio(figure, name, who, peer) for peer in (POSTGRAPHILE, MERCURIUS)]
    known = [ratio for ratio in found if ratio is not None]
    return (max if figure is cpu else min)(known) if known else None


def _to(measured: Measured, read: Sequence[CorpusOperation], other: str) -> Ratios:
    found = {each.name: measured.ratio(cpu, each.name, GATEWAY_NAME, other) for each in read}
    return {name: ratio for name, ratio in found.items() if ratio is not None}


def _better(measured: Measured, read: Sequence[CorpusOperation], figure: Figure) -> Ratios:
    found = {each.name: _to_better_peer(measured, figure, each.name, GATEWAY_NAME) for each in read}
    return {name: ratio for name, ratio in found.items() if ratio is not None}


def _rest(measured: Measured, read: Sequence[CorpusOperation]) -> Ratios:
    found = {each.name: measured.ratio(cpu, each.name, REST, GATEWAY_NAME) for each in read}
    return {name: ratio for name, ratio in found.items() if ratio is not None}


def _means(measured: Measured, read: Sequence[CorpusOperation]) -> str:
    means = {
        "reads to the limit behind the doors": _to(measured, read, LIMIT_BEHIND_DOORS),
        "reads to PostGraphile": _to(measured, read, POSTGRAPHILE),
        "reads to mercurius": _to(measured, read, MERCURIUS),
        "reads by REST to the equal GraphQL": _rest(measured, read),
        "requests/s of reads to the better peer": _better(measured, read, rate),
    }
    lines = [line(["geometric mean", "operations", "measured", "largest", "smallest"]), line(["---"] * 5)]
    for text, ratios in means.items():
        if ratios:
            ends = [f"{ratios[name]:.2f} ({name})" for name in (_worst(ratios), min(ratios, key=ratios.__getitem__))]
            lines.append(line([text, str(len(ratios)), f"{statistics.geometric_mean(ratios.values()):.2f}", *ends]))
    return "\n".join(lines)


def _worst(ratios: Ratios) -> str:
    return max(ratios, key=ratios.__getitem__)


@dataclass(frozen=True, slots=True)
class Judged:
    """A target: its text and bound, what was measured, and where that is the worst."""

    text: str
    bound: float
    measured: float | None
    where: str = ""
    at_least: bool = False

    def row(self) -> str:
        """As a line of the table."""
        bound = f"{'at least' if self.at_least else 'at most'} {self.bound:g}"
        if self.measured is None:
            return line([self.text, bound, "", "not measured"])
        met = self.measured >= self.bound if self.at_least else self.measured <= self.bound
        where = f" ({self.where})" if self.where else ""
        return line([self.text, bound, f"{self.measured:.2f}{where}", "met" if met else "MISSED"])


def _targets(measured: Measured, read: Sequence[CorpusOperation]) -> str:
    limit, better = _to(measured, read, LIMIT_BEHIND_DOORS), _better(measured, read, cpu)
    few = {name: ratio for name, ratio in better.items() if _leaves(measured, name) < FEW_LEAVES}
    rest, rates = _rest(measured, read), _better(measured, read, rate)
    judged = [
        _each("each read: CPU to the limit behind the doors", 1.6, limit),
        _mean("reads: CPU to the limit behind the doors, geometric mean", 1.4, limit),
        _mean("reads: CPU to PostGraphile, geometric mean", 0.3, _to(measured, read, POSTGRAPHILE)),
        _mean("reads: CPU to mercurius, geometric mean", 0.4, _to(measured, read, MERCURIUS)),
        _each("each read: CPU to the better peer", 1.0, {name: better[name] for name in better.keys() - few.keys()}),
        _each(f"each read of under {FEW_LEAVES} leaves: CPU to the better peer", 1.3, few),
        _each("each list and object by REST: CPU to the equal GraphQL", 1.2, rest),
        _mean("reads: requests/s to the better peer, geometric mean", 2, rates, at_least=True),
        Judged(f"{PLACED}: CPU to the same SQL by hand", 2.2, measured.ratio(cpu, PLACED, GATEWAY_NAME, LIMIT)),
    ]
    head = [line(["target", "bound", "measured", ""]), line(["---"] * 4)]
    return "\n".join([*head, *(each.row() for each in judged)])


def _leaves(measured: Measured, name: str) -> float:
    cell = measured.cell(name, GATEWAY_NAME)
    return math.inf if cell is None else cell.leaves


def _each(text: str, bound: float, ratios: Ratios) -> Judged:
    """Of every operation; the worst is told, and how many are beyond the bound."""
    if not ratios:
        return Judged(text, bound, None)
    beyond = sum(ratio > bound for ratio in ratios.values())
    worst = _worst(ratios)
    return Judged(text, bound, ratios[worst], f"{worst}; {beyond} of {len(ratios)} beyond" if beyond else worst)


def _mean(text: str, bound: float, ratios: Ratios, *, at_least: bool = False) -> Judged:
    return Judged(text, bound, statistics.geometric_mean(ratios.values()) if ratios else None, at_least=at_least)
