"""All that REST v2 offers: the one list that routes, OpenAPI and contract tests are made from."""

from __future__ import annotations

from rest_compat import access, catalog, webhooks
from rest_compat.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*catalog.ENDPOINTS, *access.ENDPOINTS, *webhooks.ENDPOINTS)
