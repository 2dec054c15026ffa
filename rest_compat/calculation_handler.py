"""POST that works something out and changes nothing: no transaction, no idempotency key, no ETag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.database import Database
from domain.kernel.principal import Principal
from domain.kernel.use_cases.calculations import Reading
from rest_compat.actions import CalculationAction
from rest_compat.command_binding import CommandBinding, WriteRequest
from rest_compat.endpoint import JSON, Endpoint
from rest_compat.get_handler import encode_document
from transport.body import parse_object, read_body

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class CalculationHandler:
    """Answers the POST of one calculation."""

    database: Database
    endpoint: Endpoint
    action: CalculationAction
    wording: CommandBinding

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises what the calculation raises."""
        body = await read_body(request)
        asked = WriteRequest(self.wording, {}, parse_object(body) if body or self.wording.needs_body else {}, None)
        reading = Reading(
            lambda: self.database.read_connection(principal.store), self.database.dependency, self.database.clock()
        )
        command = asked.command(principal.store.currency)
        result = await self.action.calculation.execute(reading, principal, command)
        document = self.action.document.of_row(result, principal)
        return Response(encode_document(document), self.endpoint.status, NO_STORE, media_type=JSON)
