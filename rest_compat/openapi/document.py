"""The OpenAPI 3.1 document of REST v2, generated from the endpoints, the rules of commands and the documents."""

from __future__ import annotations

from functools import cache

from domain.kernel.fields import Json
from domain.kernel.listing.paging import MAX_LIMIT
from rest_compat.objects import ROOT
from rest_compat.openapi.components import HEADERS, PARAMETERS, SCHEMAS
from rest_compat.openapi.error_responses import responses
from rest_compat.openapi.operations import describe_operation
from rest_compat.openapi.schemas import Schemas
from rest_compat.openapi.webhook_operations import TAG as WEBHOOK_TAG
from rest_compat.openapi.webhook_operations import webhook_path_items, webhook_references
from rest_compat.routing import ENDPOINTS

VERSION = "2.3.0"
_DESCRIPTION = f"""The platform's REST API.

Money is a decimal number in major units with at most the decimals of the currency of the store (GBP 2, JPY 0, KWD 3).
Responses have exactly these decimals: `200.00`. Amounts are at most 10^13, or 10^12 in currencies with three decimals
and 10^11 with four. Payments have integers in minor units instead: `20000`. Times are RFC 3339 in UTC, in whole
seconds. Texts are trimmed; limits of length apply to the text
as it is sent. Lists have at most {MAX_LIMIT} items per page. Parameters with several values are separated by commas or
repeated. A request may read at most 64 MiB of rows and return at most 32 MiB (otherwise 400). If a key may write but
not read, a change returns the id, the version and the members that were sent.
Every response has an `X-Request-Id`. Quote it when you report a problem."""
_TAGS = {
    "Products": "Products with their variants and images, and categories.",
    "Inventory": "Stock levels, movements, transfers, alerts, warehouses and purchase orders.",
    "Customers": "Customers and their addresses; export and erasure of personal data.",
    "Orders": "Orders, from creation to delivery or cancellation.",
    "Draft orders": "Drafts of orders. They reserve no stock and create no events until they are completed.",
    "Payments": "Payment intents, payments, refunds, disputes and the ledger. Amounts are in minor units: 19999 is "
    "199.99.",
    "Analytics": "Sales, product, customer and custom reports.",
    "Shipping": "Rates of carriers, shipments with labels and tracking, and carriers of the store's own.",
    "Returns": "Returns of order lines.",
    "Settings": "Store, payment and shipping settings.",
    "Access": "The store, API keys, OAuth clients and grants, trusted documents and the audit log.",
    "Events": "The event log, as lists and as a live stream.",
    "Webhooks": "Webhooks, their deliveries, and redelivery.",
    "Jobs": "Work in the background, its progress and its cancellation.",
    WEBHOOK_TAG: "The requests that the gateway sends to a webhook.",
}
"""The description of each tag."""


def servers(public_url: str) -> list[Json]:
    """Where the API is. ``public_url``: as of the gateway, such as ``https://api.shop.example``; empty: wherever the
    document is. Imports into other tools need it whole.
    """
    return [{"url": f"{public_url}{ROOT}", "description": "Live store or sandbox, depending on the API key."}]


def document(public_url: str = "") -> Json:
    """The whole document, as plain JSON values; ``public_url`` as of ``servers``."""
    return {**_generated(), "servers": servers(public_url)}


@cache
def _generated() -> Json:
    """The document, but for where the API is: generated at the first request, which takes 30 ms."""
    schemas = Schemas()
    received = webhook_path_items(schemas)
    paths: dict[str, Json] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = describe_operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "E-Commerce Platform API",
            "version": VERSION,
            "description": _DESCRIPTION,
            "contact": {"name": "API support", "email": "api-support@ecommerce-platform.com"},
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "servers": [],
        "security": [{"bearer": []}],
        "tags": [
            {"name": tag, "description": _TAGS[tag]}
            for tag in dict.fromkeys([*(endpoint.tag for endpoint in ENDPOINTS), WEBHOOK_TAG])
        ],
        "paths": paths,
        "webhooks": webhook_references(),
        "components": _components(schemas, received),
    }


def _components(schemas: Schemas, path_items: Json) -> Json:
    """Everything that is referred to, once all of it was."""
    return {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "An API key."}},
        "schemas": {**SCHEMAS, **dict(sorted(schemas.named.items()))},
        "pathItems": path_items,
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "responses": responses(),
    }
