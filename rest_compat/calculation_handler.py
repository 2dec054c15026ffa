"""POST and GET that work something out and change nothing: no transaction, no idempotency key. A GET has an ETag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest, ValidationFailed
from domain.kernel.fields import specs
from domain.kernel.principal import Principal
from domain.kernel.use_cases.calculations import CalculationContext
from rest_compat.actions import CalculationAction
from rest_compat.command_binding import CommandBinding, WriteRequest
from rest_compat.endpoint import JSON, Endpoint
from rest_compat.file_handler import VARY
from rest_compat.get_handler import encode_document, found_response
from rest_compat.objects import Representation
from rest_compat.parameters import read_parameters
from rest_compat.report_formats import report_as
from transport.body import parse_object, preferred_type, read_body

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class CalculationHandler:
    """Answers the POST or GET of one calculation."""

    database: Database
    endpoint: Endpoint
    action: CalculationAction
    wording: CommandBinding

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises what the calculation raises."""
        command = await self._command(request, principal.store.currency)
        context = CalculationContext(
            lambda: self.database.read_connection(principal.store, principal.storefront, principal.scopes),
            self.database.dependency,
            self.database.clock(),
            lambda: self.database.report_connection(principal.store, principal.scopes),
        )
        result = await self.action.calculation.execute(context, principal, command)
        media = preferred_type(request, self.endpoint.media_types)
        if self.action.table is None or media == JSON:
            body = encode_document(self.action.document.of_row(result, principal))
        else:
            body = await report_as(media, self.action.table(result, command), self.database, principal.store)
        return self._response(request, body, media)

    def _response(self, request: Request, body: bytes, media: str) -> Response:
        if self.endpoint.method == "GET":
            response = found_response(request, Representation(body), media)
        else:
            response = Response(body, self.endpoint.status, NO_STORE, media_type=media)
        if self.action.table is not None:
            response.headers.update(VARY)
        return response

    async def _command(self, request: Request, currency: str) -> Any:
        """The input. Raises MalformedRequest, of a body that does not stand for parameters ValidationFailed."""
        if self.endpoint.method == "GET":
            command = self.action.calculation.command
            return command(**read_parameters(specs(command), request, currency))
        body = await read_body(request)
        asked = WriteRequest(self.wording, {}, parse_object(body) if body or self.wording.needs_body else {}, None)
        try:
            return asked.command(currency)
        except ValidationFailed as failed:
            if self.action.asks:
                raise MalformedRequest.naming(failed.problems) from None
            raise
