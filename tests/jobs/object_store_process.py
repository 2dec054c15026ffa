"""As ``job_process``, with uploaded files in the object store of the environment's settings."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from domain.kernel.database import Database
from gateway.jobs import import_files, object_store
from gateway.settings import load_settings
from tests.jobs.job_process import IMPORTS, run


def provide(database: Database, directory: Path) -> None:
    """Provide the files in place of those of the directory."""
    settings = load_settings()
    database.provide(import_files(settings, object_store(settings)))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), None, IMPORTS, provide))
