"""The OpenAPI 3.1 document of REST v2, made from the endpoints, the rules of commands and the documents."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from domain.kernel.fields import UNSET, FieldSpec, Json, Many, specs
from domain.kernel.ids import ALPHABET, LENGTH
from domain.kernel.paging import MAX_LIMIT
from rest_compat.commands import Wording
from rest_compat.components import HEADERS, PAGE_EXAMPLE, PARAMETERS, SCHEMAS
from rest_compat.endpoint import JSON, ROOT, Endpoint, Paged, PathId, Single, Stream, Told, Write
from rest_compat.event_stream import framed
from rest_compat.examples import body_example, document_example, parameter_example
from rest_compat.paging import list_parameters
from rest_compat.reads import single_parameters, written
from rest_compat.refusals import refusals_of, responses
from rest_compat.schemas import Schemas
from rest_compat.surface import ENDPOINTS

VERSION = "2.3.0"
_DESCRIPTION = f"""The platform's REST API.

Money is a decimal number in major units with at most the digits of the store's currency (GBP 2, JPY 0, KWD 3), and is
answered with exactly those: `200.00`. Times are RFC 3339 in UTC, whole seconds. Texts are trimmed, and lengths count
the trimmed text. Lists hold at most {MAX_LIMIT} items a page. Every answer bears `X-Request-Id`; quote it when you
report a fault."""
_EXAMPLE_ID = "01jd3v4q8rf9k6w2m5n7t0xhz4"


def document() -> Json:
    """The whole document, as plain JSON values."""
    schemas = Schemas()
    paths: dict[str, Json] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "E-Commerce Platform API", "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": ROOT}],
        "security": [{"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in ENDPOINTS)],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "An API key."}},
            "schemas": {**SCHEMAS, **dict(sorted(schemas.named.items()))},
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
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.scope is not None:
        operation["x-required-scope"] = endpoint.scope
    if isinstance(endpoint.action, Single | Told):
        operation["responses"]["304"] = _not_modified()
    if endpoint.body is not None:
        operation["requestBody"] = _request_body(endpoint, schemas)
    return operation


def _parameters(endpoint: Endpoint, schemas: Schemas) -> list[Json]:
    found = [_path_parameter(name, kind) for name, kind in endpoint.ids.items()]
    action = endpoint.action
    if isinstance(action, Paged):
        found += [_query_parameter(spec, schemas) for spec in list_parameters(action)]
    if isinstance(action, Stream):
        found += [_query_parameter(spec, schemas) for spec in specs(action.parameters)]
        found.append(_parameter("LastEventId"))
    if isinstance(action, Single | Told):
        found += [_query_parameter(spec, schemas) for spec in single_parameters(action)]
        found.append(_parameter("IfNoneMatch"))
    if isinstance(action, Write):
        found.append(_parameter("IdempotencyKey"))
        found += [_parameter("IfMatch")] if Wording.of(endpoint, action).has_version else []
    return found


def _path_parameter(name: str, kind: PathId) -> Json:
    if kind.otherwise is None:
        description = f"The {kind.noun}'s id."
        schema: Json = {"type": "string", "pattern": f"^{kind.prefix}_[{ALPHABET}]{{{LENGTH}}}$"}
    else:
        description = f"The {kind.noun}'s id or {kind.otherwise}."
        schema = {"type": "string", "minLength": 1, "maxLength": kind.longest, "pattern": r"^[^/\u0000]+$"}
    example = f"{kind.prefix}_{_EXAMPLE_ID}"
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


def _query_parameter(spec: FieldSpec, schemas: Schemas) -> Json:
    schema = schemas.rule(spec.rule, spec.base)
    parameter: Json = {"name": spec.name, "in": "query", "required": False, "description": spec.rule.description}
    if isinstance(spec.rule, Many):
        parameter |= {"style": "form", "explode": False}  # a comma list
    elif spec.default is not UNSET:
        schema = {**schema, "default": spec.default}
    parameter["schema"] = schema
    example = parameter_example(spec)
    if example is not UNSET:
        parameter["example"] = [example] if isinstance(spec.rule, Many) else example
    return parameter


def _request_body(endpoint: Endpoint, schemas: Schemas) -> Json:
    assert isinstance(endpoint.action, Write)  # noqa: S101 - only these have a body
    assert endpoint.body is not None  # noqa: S101
    wording = Wording.of(endpoint, endpoint.action)
    schema = schemas.body(endpoint.body, wording.mirror, endpoint.answer if wording.mirror else None)
    return {
        "required": wording.needs_body,
        "content": {JSON: {"schema": schema, "example": body_example(endpoint.body)}},
    }


def _success(endpoint: Endpoint, schemas: Schemas) -> Json:
    headers = {"X-Request-Id": _header("XRequestId")}
    if isinstance(endpoint.action, Write):
        headers["Idempotent-Replayed"] = _header("IdempotentReplayed")
    if endpoint.answer is None:
        return {"description": "Done.", "headers": headers}
    if not isinstance(endpoint.action, Paged | Stream):
        headers["ETag"] = _header("ETag")
    if endpoint.creates:
        headers["Location"] = _header("Location")
    schema, example = _answer(endpoint, schemas)
    return {
        "description": "Made." if endpoint.status == 201 else "As asked.",
        "headers": headers,
        "content": {endpoint.media: {"schema": schema, "example": example}},
    }


def _answer(endpoint: Endpoint, schemas: Schemas) -> tuple[Json, Any]:
    fresh = endpoint.method == "POST"
    several = get_origin(endpoint.answer) is list
    kind = get_args(endpoint.answer)[0] if several else endpoint.answer
    schema, example = schemas.document(kind), document_example(kind, fresh=fresh)
    if isinstance(endpoint.action, Stream):
        return _stream_of(schema), framed(example["type"], written(example), example["cursor"]).decode()
    if isinstance(endpoint.action, Paged):
        return _page_of(schema), {"data": [example], "pagination": PAGE_EXAMPLE}
    if several:
        return _list_of(schema), {"data": [example]}
    return schema, example


def _list_of(item: Json) -> Json:
    return {"type": "object", "properties": {"data": {"type": "array", "items": item}}, "required": ["data"]}


def _page_of(item: Json) -> Json:
    kinds = [{"$ref": "#/components/schemas/PageNumber"}, {"$ref": "#/components/schemas/PageCursor"}]
    schema = _list_of({**item})
    schema["properties"]["data"]["maxItems"] = MAX_LIMIT
    schema["properties"]["pagination"] = {"oneOf": kinds}
    return {**schema, "required": ["data", "pagination"]}


def _stream_of(item: Json) -> Json:
    """OpenAPI 3.1 has no words for the events of a stream; the extension names what the data of each is."""
    return {"type": "string", "description": "Server-sent events.", "x-event-data": item}


def _not_modified() -> Json:
    headers = {"ETag": _header("ETag"), "X-Request-Id": _header("XRequestId")}
    return {"description": "The caller has it already.", "headers": headers}


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


def _parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}
