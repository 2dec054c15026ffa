"""GET of an export: the document, after the audit log has who reads it."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.database import Database
from domain.kernel.errors import NotFound
from domain.kernel.principal import Principal
from domain.kernel.use_cases.exports import ExportAccess
from rest_compat.actions import ExportAction
from rest_compat.get_handler import found_response
from rest_compat.objects import Representation
from rest_compat.parameters import read_parameters


class ExportHandler:
    """Answers the GET of one export. One that the client knows already (304) is recorded as well."""

    def __init__(self, database: Database, action: ExportAction) -> None:
        self._database = database
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises MalformedRequest, NotFound, Unavailable."""
        read_parameters((), request, principal.store.currency)
        access = ExportAccess(
            lambda: self._database.read_connection(principal.store, principal.storefront, principal.scopes),
            lambda: self._database.transaction(principal, request.state.request_id),
        )
        document = await self._action.export(access, principal, ids["id"])
        if document is None:
            raise NotFound(self._action.noun)
        return found_response(request, Representation(orjson.dumps(document), self._action.version(document)))
