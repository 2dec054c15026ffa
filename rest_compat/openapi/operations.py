"""The operations of the OpenAPI document, each made from an endpoint: parameters, body and responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args, get_origin

from domain.kernel.fields import UNSET, FieldSpec, Json, ListOf, specs
from domain.kernel.ids import ALPHABET, LENGTH, example_id
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
    WriteAction,
)
from rest_compat.command_binding import CommandBinding
from rest_compat.downloads import DownloadAction
from rest_compat.endpoint import JSON, Endpoint
from rest_compat.get_handler import encode_document, single_parameters
from rest_compat.objects import PathId
from rest_compat.openapi.components import PAGE_EXAMPLE, RATE_LIMIT_HEADERS
from rest_compat.openapi.error_responses import refusals_of
from rest_compat.openapi.examples import body_example, document_example, parameter_example
from rest_compat.openapi.schemas import Schemas, described
from rest_compat.paging import list_parameters
from rest_compat.uploads import UploadAction
from transport.sse import format_event


def describe_operation(endpoint: Endpoint, schemas: Schemas) -> Json:
    """The operation of an endpoint. The schemas that it refers to are added to ``schemas``."""
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
