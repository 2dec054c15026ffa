"""As ``job_process``, with exports and bulk mutations, for which the schema is built: some seconds more."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from domain import jobs
from domain.kernel.database import Database
from gateway.jobs import JOB_FUNCTIONS, bulk_operations
from tests.jobs.job_process import run


def provide(database: Database, directory: Path) -> None:
    """Provide what exports and bulk mutations need, beside the directory of imports."""
    for part in (jobs.ResultFiles(directory.with_name("results")), bulk_operations(database)):
        database.provide(part)


if __name__ == "__main__":
    until = sys.argv[3] if len(sys.argv) > 3 else None
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), until, JOB_FUNCTIONS, provide))
