"""The report: on what, when and how often it was measured, then the tables."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.corpus.table import corpus_section
from benchmarks.environment import BenchEnvironment
from benchmarks.runner import RunSettings
from benchmarks.shop import ITEMS, VARIANTS
from benchmarks.table import Measured

REPORT = Path(__file__).with_name("report.md")
PROFILE = Path(__file__).with_name("profile.md")
"""Its last part, which is written by hand: profiles are read, not printed."""
LIBRARIES = ("strawberry-graphql", "graphql-core", "sqlalchemy", "asyncpg", "starlette", "uvicorn", "orjson")


def report(
    stand: BenchEnvironment, pace: RunSettings, measured: Measured, *, now: datetime, peers: Mapping[str, str]
) -> str:
    """What ``report.md`` says of operations. ``peers``: their versions by name."""
    size = stand.size
    return f"""# Benchmarks

Measured on {now:%Y-%m-%d %H:%M} UTC, commit {_commit()}: {_processor()}, \
{os.cpu_count()} processors; {platform.system()} {platform.release()}, Python {platform.python_version()}, \
PostgreSQL {stand.server_version}. \
{_versions({**{name: version(name) for name in LIBRARIES}, **peers})}.

{size.products:,} products with {VARIANTS} variants, {size.customers:,} customers, {size.orders:,} orders with {ITEMS} \
items. Contestants, load and database share the machine. Medians of {measured.turns} turns taken in rotation, each of \
{pace.alone:g} s over one connection (p50, p99) and {pace.together:g} s over {pace.connections} (requests/s; CPU of \
the server's process a request, user and system, from /proc). Every answer was checked for equality before and after.

{measured.table()}

Ratios are of CPU: below 1 is cheaper than the one in the column's head. The gateway has everything on (keys, limits,
cost, logging, metrics), peers and the naive server have none of that.

{measured.targets()}
{corpus_section(measured)}"""


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    asked = subprocess.run(("git", "describe", "--always", "--dirty"), capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"
