"""``make bench``: every contestant in turns, the tables, ``report.md``. Peers take part where installed."""

from __future__ import annotations

import argparse
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import uvloop

from benchmarks import analytics, payments, sockets, start, webhooks
from benchmarks.contestants import contestants
from benchmarks.corpus.table import corpus_section
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.measurement import Measurement
from benchmarks.peers.servers import installed, peers, versions
from benchmarks.report import PROFILE, REPORT, report
from benchmarks.runner import QUICK, RunSettings, measure
from benchmarks.table import QUERIES, Measured


async def main(arguments: argparse.Namespace) -> None:
    """Measure, print, and write the report if it is whole."""
    pace = QUICK if arguments.quick else RunSettings(turns=arguments.turns)
    _tell("Loading the shop.")
    async with ground() as stand:
        cells = await _measured(stand, pace, arguments.only)
        measured = Measured(cells)
        if arguments.only:
            sys.stdout.write(measured.table() if arguments.only in QUERIES else corpus_section(measured))
            return
        used = versions() if installed() else {}
        written = report(stand, pace, measured, now=datetime.now(UTC), peers=used)
        if not arguments.quick:
            written += await _beyond_operations(stand) + PROFILE.read_text()
            REPORT.write_text(written)
    sys.stdout.write(written)


async def _beyond_operations(stand: BenchEnvironment) -> str:
    _tell(f"{sockets.SOCKETS:,} subscribers.")
    written = sockets.section(await sockets.fan_out(stand))
    _tell("Webhooks.")
    written += webhooks.section(await webhooks.deliver(stand))
    _tell("Payments.")
    written += payments.section(await payments.pay_in_turns(stand))
    _tell("Starts.")
    written += start.section(await start.start(stand))
    _tell(f"Analytics of {analytics.ORDERS:,} orders.")
    return written + analytics.section(await analytics.measure(stand))


async def _measured(stand: BenchEnvironment, pace: RunSettings, only: str | None) -> list[Measurement]:
    async with AsyncExitStack() as stack:
        cells = await stack.enter_async_context(contestants(stand))
        if installed():
            cells += await stack.enter_async_context(peers(stand))
        cells = [cell for cell in cells if only in (None, cell.operation)]
        _tell(f"{pace.turns} turns of {len(cells)} contests.")
        await measure(cells, pace)
    return cells


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--turns", type=int, default=RunSettings().turns, help="how often each contestant has its turn")
    parser.add_argument("--only", help="one operation (Q1, order-page); the report is not written")
    parser.add_argument(
        "--quick", action="store_true", help="operations alone, in short turns; the report is not written"
    )
    uvloop.run(main(parser.parse_args()))
