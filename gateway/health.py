"""Probes: is the process alive, and can it serve? They need no key."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from domain import migrations
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from gateway.shutdown import GracefulShutdown

RETRY_AFTER = {"Retry-After": "5"}


def health_routes(database: Database, draining: GracefulShutdown) -> list[BaseRoute]:
    """``/healthz``: the process runs. ``/readyz``: it accepts new requests, otherwise 503.

    It is ready while the database responds, has the tables of this version, and the process is not shutting down.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        if draining.begun:
            return JSONResponse({"status": "unavailable", "reason": "shutting down"}, 503, RETRY_AFTER)
        try:
            async with database.system_connection() as connection:
                await migrations.check(connection)
        except Unavailable:
            return JSONResponse({"status": "unavailable", "reason": "database"}, 503, RETRY_AFTER)
        except migrations.OutdatedSchemaError as outdated:
            return JSONResponse({"status": "unavailable", "reason": str(outdated)}, 503, RETRY_AFTER)
        return JSONResponse({"status": "ok"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
