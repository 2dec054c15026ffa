"""Where charts are ordered: one process draws them, one after the other."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

import orjson

from domain.analytics.tables.report_tables import ChartFormat, ReportTable
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Store
from domain.kernel.request_slot import leave_slot
from gateway.adapters.charts.process import DrawingProcess, ProcessEndedError
from gateway.adapters.charts.vega_lite import locale_of, spec_of

_ATTEMPTS = 2
"""A process that was killed, for its memory say, is replaced once for a chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLimits:
    """How many charts wait, and for how long. Times: seconds."""

    places: int = 16
    """Charts that wait or are being drawn; a store has half of them."""
    wait: float = 20.0
    """From the order to the picture."""
    drawing: float = 10.0
    """For one chart. A process that takes longer is killed."""
    idle: float = 60.0
    """Without orders, after which the process is ended: it takes 100 MB."""
    charts: int = 200
    """Charts after which the process is replaced: it takes 300 kB more with each."""


@dataclass(frozen=True, slots=True)
class _Order:
    request: bytes
    picture: asyncio.Future[bytes]


class ChartDesk:
    """Draws charts. ``close`` it at the end. The process is started with the first order."""

    def __init__(self, limits: DeskLimits | None = None) -> None:
        self._limits = limits or DeskLimits()
        self._orders: asyncio.Queue[_Order] = asyncio.Queue()
        self._places: Counter[int] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._process: DrawingProcess | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return None if self._process is None else self._process.pid

    async def draw(self, table: ReportTable, form: ChartFormat, store: Store) -> bytes:
        """The chart of a table. Raises Unavailable if too many wait, or if it takes too long."""
        order = {"spec": spec_of(table), "locale": locale_of(table), "format": form.value}
        self._take_place(store.number)
        try:
            with leave_slot():
                return await self._ordered(orjson.dumps(order))
        finally:
            self._places[store.number] -= 1
            self._places += Counter()  # forgets those without orders

    def _take_place(self, store: int) -> None:
        most = self._limits.places
        if self._places.total() >= most or 2 * self._places[store] >= most:
            raise Unavailable("Too many charts are being drawn. Try again in a few seconds.")
        self._places[store] += 1

    async def _ordered(self, request: bytes) -> bytes:
        picture: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._orders.put_nowait(_Order(request, picture))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        try:
            async with asyncio.timeout(self._limits.wait):
                return await picture
        except TimeoutError:
            raise Unavailable("The chart could not be drawn in time. Try again in a few seconds.") from None

    async def close(self) -> None:
        """End the process. Whoever still waits is refused in time."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        """Draw what is ordered, until cancelled."""
        try:
            while True:
                try:
                    async with asyncio.timeout(None if self._process is None else self._limits.idle):
                        order = await self._orders.get()
                except TimeoutError:
                    await self._end_process()
                    continue
                if not order.picture.done():  # its caller may have left
                    await self._serve(order)
        finally:
            await self._end_process()

    async def _serve(self, order: _Order) -> None:
        try:
            picture = await self._picture(order.request)
        except Exception as error:  # the caller's, whatever it is: the desk goes on
            if not order.picture.done():
                order.picture.set_exception(error)
        else:
            if not order.picture.done():
                order.picture.set_result(picture)

    async def _picture(self, request: bytes) -> bytes:
        """The picture. Raises DrawingError, Unavailable, OSError if no process can be started."""
        for _ in range(_ATTEMPTS):
            if self._process is not None and self._process.request_count >= self._limits.charts:
                await self._end_process()
            if self._process is None:
                self._process = await DrawingProcess.start(self._limits.drawing)
            try:
                async with asyncio.timeout(self._limits.drawing):
                    return await self._process.draw(request)
            except TimeoutError:
                await self._end_process()
                break
            except ProcessEndedError:
                await self._end_process()
        raise Unavailable("The chart could not be drawn. Try again in a few seconds.")

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()
