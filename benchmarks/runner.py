"""Warming up, checking that all answer alike, and taking turns."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from benchmarks.clock import Sample, Stopwatch
from benchmarks.corpus.leaves import count, leaves_of
from benchmarks.load import WrongAnswerError, connected, keep_asking
from benchmarks.measurement import Measurement

ALIKE = 10**8
"""Every size divides it: requests whose numbers are its multiples buy the same products under keys of their own."""


class UnequalAnswersError(Exception):
    """Two contestants answer one operation differently: nothing is measured."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long each contestant works on each operation in a turn, and how often."""

    turns: int = 5
    warm_up: float = 0.5
    """Seconds: what compiles what runs often needs some."""
    alone: float = 0.15
    """Seconds over one connection, for latencies."""
    together: float = 0.4
    """Seconds over several connections, for the rate and the CPU."""
    connections: int = 16
    budget: float = 240.0
    """Seconds after which no further turn begins; the first two are always taken."""


QUICK = RunSettings(turns=2, warm_up=0.3, alone=0.1, together=0.3)


async def measure(cells: Sequence[Measurement], pace: RunSettings) -> None:
    """Fill in every cell's turns. Raises UnequalAnswersError, WrongAnswerError."""
    cells = sorted(cells, key=lambda each: each.operation)  # an order placed between two reads of them would differ
    numbers, alike = itertools.count(), itertools.count(ALIKE, ALIKE)
    for cell in cells:
        await _turn(cell, numbers, pace.warm_up * cell.warming, pace.connections)
    await check(cells, alike)
    end = time.monotonic() + pace.budget
    for turn in range(pace.turns):
        if turn >= 2 and time.monotonic() > end:
            break
        for cell in cells:
            cell.alone.append(await _turn(cell, numbers, pace.alone, 1))
            cell.together.append(await _turn(cell, numbers, pace.together, pace.connections))
    await check(cells, alike)


async def check(cells: Sequence[Measurement], numbers: itertools.count[int]) -> None:
    """That all cells of an operation answer alike. Raises UnequalAnswersError."""
    answers: dict[str, tuple[str, object]] = {}
    for cell in cells:
        async with connected(cell.server.port) as (connection,):
            answer = await connection.ask(cell.request.write(next(numbers)))
        try:
            decoded = orjson.loads(answer.body)
            cell.leaves, compared = count(leaves_of(decoded)), cell.request.compared(decoded)
        except (KeyError, TypeError, ValueError) as error:
            raise UnequalAnswersError(f"{cell.operation}, {cell.contestant}: {answer.body[:500]!r}") from error
        name, expected = answers.setdefault(cell.operation, (cell.contestant, compared))
        if difference := cell.request.agree(expected, compared):
            raise UnequalAnswersError(f"{cell.operation}: {cell.contestant} and {name} differ: {difference}")


async def _turn(cell: Measurement, numbers: itertools.count[int], seconds: float, connections: int) -> Sample:
    async with connected(cell.server.port, connections) as opened:
        watch, request = Stopwatch(cell.server.pid), cell.request
        try:
            return watch.stop(await keep_asking(opened, request.write, numbers, seconds, request.proof))
        except WrongAnswerError as error:
            raise WrongAnswerError(f"{cell.operation}, {cell.contestant}: {error}") from error
