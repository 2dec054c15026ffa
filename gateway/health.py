"""Probes: is the process alive, and can it serve? They need no key."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from domain import migrations
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable

RETRY_AFTER = {"Retry-After": "5"}


def health_routes(database: Database) -> list[BaseRoute]:
    """``/healthz``: the process runs. ``/readyz``: the database answers and has this version's tables, else 503."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        try:
            async with database.system() as connection:
                await migrations.check(connection)
        except Unavailable:
            return JSONResponse({"status": "unavailable", "reason": "database"}, 503, RETRY_AFTER)
        except migrations.OutdatedSchemaError as outdated:
            return JSONResponse({"status": "unavailable", "reason": str(outdated)}, 503, RETRY_AFTER)
        return JSONResponse({"status": "ok"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
