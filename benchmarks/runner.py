"""Warming up, checking that all answer alike, and taking turns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from benchmarks.clock import Sample, Stopwatch
from benchmarks.contestants import Measurement
from benchmarks.load import WrongAnswerError, connected, keep_asking

ALIKE = 10**8
"""Every size divides it: requests whose numbers are its multiples buy the same products under keys of their own."""


class UnequalAnswersError(Exception):
    """Two contestants answer one operation differently: nothing is measured."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long each contestant works on each operation in a turn, and how often."""

    turns: int = 7
    warm_up: float = 2.0
    """Seconds: what compiles what runs often needs some."""
    alone: float = 0.4
    """Seconds over one connection, for latencies."""
    together: float = 0.8
    """Seconds over several connections, for the rate and the CPU."""
    connections: int = 16


async def measure(cells: Sequence[Measurement], pace: RunSettings) -> None:
    """Fill in every cell's turns. Raises UnequalAnswersError, WrongAnswerError."""
    cells = sorted(cells, key=lambda each: each.operation)  # an order placed between two reads of them would differ
    numbers, alike = itertools.count(), itertools.count(ALIKE, ALIKE)
    for cell in cells:
        await _turn(cell, numbers, pace.warm_up, pace.connections)
    await check(cells, alike)
    for _ in range(pace.turns):
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
            compared = cell.request.compared(orjson.loads(answer.body))
        except (KeyError, TypeError, ValueError) as error:
            raise UnequalAnswersError(f"{cell.operation}, {cell.contestant}: {answer.body[:500]!r}") from error
        name, expected = answers.setdefault(cell.operation, (cell.contestant, compared))
        if compared != expected:
            raise UnequalAnswersError(f"{cell.operation}: {cell.contestant} and {name} differ: {compared} {expected}")


async def _turn(cell: Measurement, numbers: itertools.count[int], seconds: float, connections: int) -> Sample:
    async with connected(cell.server.port, connections) as opened:
        watch = Stopwatch(cell.server.pid)
        try:
            return watch.stop(await keep_asking(opened, cell.request.write, numbers, seconds))
        except WrongAnswerError as error:
            raise WrongAnswerError(f"{cell.operation}, {cell.contestant}: {error}") from error
