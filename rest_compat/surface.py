"""All that REST v2 offers: the one list that routes, OpenAPI and contract tests are made from."""

from __future__ import annotations

from rest_compat import access, catalog, customers, inventory, orders, webhooks
from rest_compat.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *catalog.ENDPOINTS,
    *inventory.ENDPOINTS,
    *customers.ENDPOINTS,
    *orders.ENDPOINTS,
    *access.ENDPOINTS,
    *webhooks.ENDPOINTS,
)
