"""The OpenAPI 3.1 document of REST v2, generated from the endpoints, the rules of commands and the documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args, get_origin

from domain.kernel.fields import UNSET, FieldSpec, Json, ListOf, specs
from domain.kernel.ids import ALPHABET, LENGTH, example_id
from domain.kernel.listing.paging import MAX_LIMIT
from rest_compat.actions import (
    CalculationAction,
    CallerAction,
    CountHeader,
    ExportAction,
    FileAction,
    ItemAction,
    PageAction,
    ReportAction,
    StreamAction,
    UploadAction,
    WriteAction,
)
from rest_compat.command_binding import CommandBinding
from rest_compat.downloads import DownloadAction
from rest_compat.endpoint import JSON, Endpoint
from rest_compat.get_handler import encode_document, single_parameters
from rest_compat.objects import ROOT, PathId
from rest_compat.openapi.components import HEADERS, PAGE_EXAMPLE, PARAMETERS, RATE_LIMIT_HEADERS, SCHEMAS
from rest_compat.openapi.error_responses import refusals_of, responses
from rest_compat.openapi.examples import body_example, document_example, parameter_example
from rest_compat.openapi.schemas import Schemas, described
from rest_compat.openapi.webhook_operations import TAG as WEBHOOK_TAG
from rest_compat.openapi.webhook_operations import webhook_path_items, webhook_references
from rest_compat.paging import list_parameters
from rest_compat.routing import ENDPOINTS
from transport.sse import format_event

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
    schemas = Schemas()
    received = webhook_path_items(schemas)
    paths: dict[str, Json] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "E-Commerce Platform API",
            "version": VERSION,
            "description": _DESCRIPTION,
            "contact": {"name": "API support", "email": "api-support@ecommerce-platform.com"},
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "servers": servers(public_url),
        "security": [{"bearer": []}],
        "tags": [
            {"name": tag, "description": _TAGS[tag]}
            for tag in dict.fromkeys([*(endpoint.tag for endpoint in ENDPOINTS), WEBHOOK_TAG])
        ],
        "paths": paths,
        "webhooks": webhook_references(),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "An API key."}},
            "schemas": {**SCHEMAS, **dict(sorted(schemas.named.items()))},
            "pathItems": received,
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": responses(),
        },
    }


def _operation(endpoint: Endpoint, schemas: Schemas) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": _parameters(endpoint, schemas),
        "responses": {str(endpoint.status): _success(endpoint, schemas), **refusals_of(endpoint)},
    }
    operation["description"] = f"{endpoint.description} {_needed_scope(endpoint)}".strip()
    if endpoint.scope is not None:
        operation["x-required-scope"] = endpoint.scope
    if endpoint.has_etag:
        operation["responses"]["304"] = _not_modified()
    if isinstance(endpoint.action, DownloadAction):
        operation["responses"]["206"] = _part(endpoint.action)
    if endpoint.body is not None:
        operation["requestBody"] = _request_body(endpoint, schemas)
    if endpoint.upload is not None:
        operation["requestBody"] = _uploaded_file(endpoint.upload)
    return operation


def _needed_scope(endpoint: Endpoint) -> str:
    if endpoint.scope is None:
        decided = "Requires" in endpoint.description  # by the object; the description says so
        return "" if decided else "Requires any valid API key."
    also = endpoint.action.use_case.also if isinstance(endpoint.action, WriteAction) else ()
    besides = "".join(f" and `{each}`" for each in also)
    return f"Requires the scope{'s' if also else ''} `{endpoint.scope}`{besides}."


def _parameters(endpoint: Endpoint, schemas: Schemas) -> list[Json]:
    found = [_path_parameter(name, kind) for name, kind in endpoint.ids.items()]
    action = endpoint.action
    if isinstance(action, PageAction):
        found += [_query_parameter(spec, schemas) for spec in list_parameters(action)]
    if isinstance(action, StreamAction):
        found += [_query_parameter(spec, schemas) for spec in specs(action.parameters)]
        found.append(_parameter("LastEventId"))
    if isinstance(action, ItemAction | CallerAction):
        found += [_query_parameter(spec, schemas) for spec in single_parameters(action)]
        found.append(_parameter("IfNoneMatch"))
    if isinstance(action, CalculationAction) and endpoint.body is None:
        found += [_query_parameter(spec, schemas) for spec in specs(action.calculation.command)]
        found.append(_parameter("IfNoneMatch"))
    if isinstance(action, FileAction | ReportAction | ExportAction | DownloadAction):
        found.append(_parameter("IfNoneMatch"))
    if isinstance(action, DownloadAction):
        found += [_parameter("Range"), _parameter("IfRange")]
    if isinstance(action, WriteAction):
        wording = CommandBinding.of(endpoint, action)
        found += [_query_parameter(spec, schemas) for spec in wording.parameters]
        found.append(_parameter("IdempotencyKey"))
        found += [_parameter("IfMatch")] if wording.has_version else []
    return found


def _path_parameter(name: str, kind: PathId) -> Json:
    if kind.otherwise is None:
        description = f"The id of the {kind.noun}."
        schema: Json = {"type": "string", "pattern": f"^{kind.prefix}_[{ALPHABET}]{{{LENGTH}}}$"}
    else:
        description = f"The id or {kind.otherwise} of the {kind.noun}."
        schema = {"type": "string", "minLength": 1, "maxLength": kind.longest, "pattern": r"^[^/\x00]+$"}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example_id(kind.prefix),
    }


def _query_parameter(spec: FieldSpec, schemas: Schemas) -> Json:
    schema = schemas.rule(spec.rule, spec.base)
    parameter: Json = {"name": spec.name, "in": "query", "required": spec.required, "description": described(spec.rule)}
    if isinstance(spec.rule, ListOf):
        parameter |= {"style": "form", "explode": False}  # a comma list
    elif spec.default is not UNSET:
        schema = {**schema, "default": spec.default}
    parameter["schema"] = schema
    example = parameter_example(spec)
    if example is not UNSET:
        parameter["example"] = [example] if isinstance(spec.rule, ListOf) else example
    return parameter


def _request_body(endpoint: Endpoint, schemas: Schemas) -> Json:
    assert isinstance(endpoint.action, WriteAction | CalculationAction)  # noqa: S101 - only these have a body
    assert endpoint.body is not None  # noqa: S101
    wording = CommandBinding.of(endpoint, endpoint.action)
    schema = schemas.body(
        endpoint.body, wording.mirror, endpoint.response if wording.mirror else None, operation=endpoint.name
    )
    return {
        "required": wording.needs_body,
        "content": {JSON: {"schema": schema, "example": body_example(endpoint.body)}},
    }


def _uploaded_file(action: UploadAction) -> Json:
    """A body that is a file, of one of several media types."""
    file = {"type": "string", "format": "binary", "minLength": 1, "maxLength": action.max_bytes}
    return {
        "required": True,
        "description": action.body_description,
        "content": {each: {"schema": {**file, "contentMediaType": each}} for each in action.media_types},
    }


def _success(endpoint: Endpoint, schemas: Schemas) -> Json:
    headers = {"X-Request-Id": _header("XRequestId"), **RATE_LIMIT_HEADERS}
    if isinstance(endpoint.action, WriteAction):
        headers["Idempotent-Replayed"] = _header("IdempotentReplayed")
        headers |= {each.name: _count_header(each) for each in endpoint.action.counts}
    if endpoint.response is None:
        return {"description": "Done, no content.", "headers": headers}
    if endpoint.file is not None:
        if isinstance(endpoint.file, FileAction | DownloadAction):
            headers["ETag"] = _header("ETag")
        if isinstance(endpoint.file, DownloadAction):
            headers["Accept-Ranges"] = _header("AcceptRanges")
        return {"description": "OK.", "headers": headers, "content": _files(endpoint.file.media_types)}
    if endpoint.has_etag or isinstance(endpoint.action, WriteAction):
        headers["ETag"] = _header("ETag")
    if endpoint.creates:
        headers["Location"] = _header("Location")
    schema, example = _answer(endpoint, schemas)
    return {
        "description": {201: "Created.", 202: "Accepted."}.get(endpoint.status, "OK."),
        "headers": headers,
        "content": {
            endpoint.media_types[0]: {"schema": schema, "example": example},
            **_files(endpoint.media_types[1:]),
        },
    }


def _answer(endpoint: Endpoint, schemas: Schemas) -> tuple[Json, Any]:
    fresh = endpoint.method == "POST"
    response: Any = endpoint.response
    several = get_origin(response) is list
    kind = get_args(response)[0] if several else response
    schema, example = schemas.document(kind), document_example(kind, fresh=fresh)
    if isinstance(endpoint.action, StreamAction):
        return _stream_of(schema), format_event(example["type"], encode_document(example), example["cursor"]).decode()
    if isinstance(endpoint.action, PageAction):
        return schemas.page_of(kind), {"data": [example], "pagination": PAGE_EXAMPLE}
    if several:
        return schemas.list_of(kind), {"data": [example]}
    return schema, example


def _stream_of(item: Json) -> Json:
    """The schema of a stream. OpenAPI 3.1 cannot describe its events; the extension names the schema of their data."""
    return {"type": "string", "description": "Server-sent events.", "x-event-data": item}


def _part(action: DownloadAction) -> Json:
    """A range of a file."""
    headers = {"X-Request-Id": _header("XRequestId"), "ETag": _header("ETag"), **RATE_LIMIT_HEADERS}
    headers["Content-Range"] = _header("ContentRange")
    return {"description": "The range.", "headers": headers, "content": _files(action.media_types)}


def _files(media_types: Sequence[str]) -> Json:
    """A file, as each of its media types."""
    return {
        media: {"schema": {"type": "string", "format": "binary", "contentMediaType": media}} for media in media_types
    }


def _count_header(header: CountHeader) -> Json:
    return {
        "description": header.description,
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    }


def _not_modified() -> Json:
    headers = {"ETag": _header("ETag"), "X-Request-Id": _header("XRequestId"), **RATE_LIMIT_HEADERS}
    return {"description": "Not modified.", "headers": headers}


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


def _parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}
