"""``make bench`` and ``make bench-peers``: every contestant in turns, one table, ``report.md``."""

from __future__ import annotations

import argparse
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import uvloop

from benchmarks import sockets, start, webhooks
from benchmarks.contestants import contestants
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.peers.servers import peers, versions
from benchmarks.report import PROFILE, REPORT, report
from benchmarks.runner import RunSettings, measure
from benchmarks.table import Measured


async def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write the report."""
    pace = RunSettings(turns=arguments.turns)
    _tell("Loading the shop.")
    async with ground() as stand:
        written = await _measured(stand, pace, with_peers=arguments.peers)
        _tell(f"{sockets.SOCKETS:,} subscribers.")
        written += sockets.section(await sockets.fan_out(stand))
        _tell("Webhooks.")
        written += webhooks.section(await webhooks.deliver(stand))
        _tell("Starts.")
        written += start.section(await start.start(stand))
    written += PROFILE.read_text()
    REPORT.write_text(written)
    sys.stdout.write(written)


async def _measured(stand: BenchEnvironment, pace: RunSettings, *, with_peers: bool) -> str:
    async with AsyncExitStack() as stack:
        cells = await stack.enter_async_context(contestants(stand))
        if with_peers:
            cells += await stack.enter_async_context(peers(stand))
        _tell(f"{pace.turns} turns of {len(cells)} contests.")
        await measure(cells, pace)
    return report(stand, pace, Measured(cells), now=datetime.now(UTC), peers=versions() if with_peers else {})


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--turns", type=int, default=RunSettings().turns, help="how often each contestant has its turn")
    parser.add_argument("--peers", action="store_true", help="PostGraphile and mercurius too; .ci/install-peers first")
    uvloop.run(main(parser.parse_args()))
