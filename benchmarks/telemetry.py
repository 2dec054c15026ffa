"""``python -m benchmarks.telemetry``: what a log line, the metrics and the watching of statements add to Q3.

One process, one application with telemetry and one without, in turns of fifty requests; the ratio of each pair of
turns is taken, so that what else the machine does hits both. ASGI calls, without a socket or a server.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from contextvars import Token

from starlette.types import Scope

from benchmarks.environment import ground
from benchmarks.in_process import asker, turn
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.sql.instrumentation import QueryObserver, query_observer
from gateway.app import build
from gateway.database_setup import database_options
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from gateway.telemetry.logs import configure_logging
from gateway.telemetry.recorder import Recorder
from gateway.telemetry.request_record import RequestRecord

PAIRS = 200


class Blind(Recorder):
    """Gives each request its id, and sees nothing."""

    def begin(self, scope: Scope) -> tuple[RequestRecord, Token[QueryObserver | None]]:
        """As the other, without watching."""
        return RequestRecord(new_id("req"), scope["method"], [], 0.0), query_observer.set(None)

    def end(self, scope: Scope, facts: RequestRecord, token: Token[QueryObserver | None]) -> None:
        """Nothing is told."""
        query_observer.reset(token)


async def main() -> None:
    """Measure and print."""
    async with ground() as stand:
        settings = Settings(encryption_keys=f"k1:{'A' * 43}=", database_url=stand.database_url)
        database = Database(database_options(settings, stand.database_url))
        await database.open()
        with tempfile.TemporaryFile("w") as sink:
            seeing = Telemetry(access=configure_logging("info", stream=sink))
            blind = Telemetry()
            object.__setattr__(blind, "recorder", Blind(blind.metrics, None, None))
            on, off = (asker(build(settings, database, each), stand) for each in (seeing, blind))
            for ask in (on, off) * 3:
                await turn(ask)
            pairs = [(await turn(on), await turn(off)) for _ in range(PAIRS)]
        await database.close()
    added = statistics.median(one - other for one, other in pairs)
    ratio = statistics.median(one / other for one, other in pairs)
    bare = statistics.median(other for _, other in pairs)
    sys.stdout.write(f"Q3 without telemetry {bare:.0f} µs of CPU; with it {added:+.0f} µs, ratio {ratio:.3f}\n")


if __name__ == "__main__":
    asyncio.run(main())
