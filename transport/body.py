"""Reading requests: JSON bodies without floats and within limits, and the headers about the response."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from domain.kernel.budget import budget
from domain.kernel.errors import ErrorCode, MalformedRequest, ValidationFailed
from domain.kernel.fields import Json
from domain.kernel.request_slot import leave_slot

BODY_MAX = 1_048_576
"""Bytes."""
UPLOAD_FACTOR = 4
"""Memory of an upload while it is encrypted and sent to the database, as a multiple of its bytes."""

_JSON_TYPE = re.compile(r"application/(?:[!#$&^_.+a-z0-9-]+\+)?json", re.IGNORECASE)
_QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
"""A weight (RFC 9110, 12.4.2)."""


class _RepeatedMemberError(ValueError):
    """One member of an object twice."""


async def read_body(request: Request) -> bytes:
    """The body. Raises 413 as soon as it exceeds BODY_MAX, or its Content-Length does; 415 if it is not JSON.

    Without a body it is ``b""``, whatever its Content-Type.
    """
    body = await _received(request, BODY_MAX)
    if body and not _is_json(request.headers.get("content-type", "")):
        raise not_json()
    return body


async def read_upload(request: Request, media_types: Sequence[str], maximum: int) -> bytes:
    """The bytes of a body that is a file. Raises 415 before it is read if its media type is none of ``media_types``,
    413 as soon as it exceeds ``maximum`` bytes, or its Content-Length does; Unavailable while others use much memory.
    """
    require_media_type(request, media_types)
    return await _received(request, maximum, _count_upload)


def media_type_of(request: Request) -> str:
    """The media type of the body, without its parameters; empty if there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def receive_chunks(request: Request, maximum: int) -> AsyncGenerator[bytes]:
    """The body as it arrives. Raises 413 above ``maximum`` bytes, 415 if it is compressed, MalformedRequest if it ends
    early.
    """
    _check_head(request, maximum)
    size, more = 0, True
    while more:  # Content-Length is not trusted
        with leave_slot():  # what has not come yet is the client's delay
            message = await request.receive()
        if message["type"] == "http.disconnect":
            raise MalformedRequest("The request body is incomplete.")
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > maximum:
            raise too_large(maximum)
        yield chunk


def _check_head(request: Request, maximum: int) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > maximum:
        raise too_large(maximum)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "Compressed request bodies are not supported.")


def require_media_type(request: Request, media_types: Sequence[str], *, utf8: bool = True) -> None:
    """Check the media type of a body that is a file. Raises 415. ``utf8``: whether no other charset may be named."""
    is_charset_possible = not utf8 or _is_utf8(request.headers.get("content-type", ""))
    if media_type_of(request) not in media_types or not is_charset_possible:
        raise HTTPException(415, f"The body must be {', '.join(media_types[:-1])} or {media_types[-1]}.")


async def _received(request: Request, maximum: int, count: Callable[[int], None] = lambda _: None) -> bytes:
    """The body. Raises 413 above ``maximum``, 415 if it is compressed. ``count``: is given the size of each part."""
    body = bytearray()
    async for chunk in receive_chunks(request, maximum):
        count(len(chunk))
        body += chunk
    return bytes(body)


def _count_upload(size: int) -> None:
    """Count a part of an upload among the bytes of this operation. Raises LimitExceeded, Unavailable."""
    spent = budget.get()
    if spent is not None and not spent.take_rows(UPLOAD_FACTOR * size):
        spent.check()


def parse_object(body: bytes) -> Json:
    """The members of a JSON object; fractions as Decimal.

    Raises MalformedRequest if the body is not JSON (NaN and duplicate members are errors, too), ValidationFailed if it
    is not an object.
    """
    if not body:
        raise MalformedRequest("A JSON body is required.")
    try:
        value = _DECODER.decode(body.decode())
    except _RepeatedMemberError as repeated:
        raise MalformedRequest(f'The body contains the member "{repeated}" twice in one object.') from None
    except (ValueError, ArithmeticError, RecursionError):
        raise MalformedRequest("The body is not valid JSON in UTF-8, or it is nested too deeply.") from None
    if not isinstance(value, dict):
        raise ValidationFailed.of((), ErrorCode.INVALID, "The body must be a JSON object.")
    return value


def require_acceptable(request: Request, *media_types: str) -> None:
    """Check that ``Accept`` allows one of the media types; raises 406. An invalid header is ignored."""
    preferred_type(request, media_types)


def preferred_type(request: Request, media_types: Sequence[str]) -> str:
    """The media type that ``Accept`` likes best; of equals, the first. Raises 406. An invalid header is ignored."""
    qualities = {media: _acceptance(request, media) for media in media_types}
    best = max(qualities.values())
    if not best:
        raise not_acceptable(", ".join(media_types))
    return next(media for media, quality in qualities.items() if quality == best)


def _acceptance(request: Request, media: str) -> float:
    """The quality that ``Accept`` gives to a media type, from 0 to 1."""
    ranges = ("*/*", f"{media.partition('/')[0]}/*", media)
    accepted = ",".join(request.headers.getlist("accept"))
    best: tuple[int, float] | None = None
    for entry in accepted.split(","):
        range_, _, parameters = entry.strip().lower().partition(";")
        if range_.strip() in ranges:
            # The most specific range decides, in any order (RFC 9110, 12.5.1).
            best = max(best or (-1, 0.0), (ranges.index(range_.strip()), _quality(parameters)))
    if best is None:
        return 0.0 if accepted.strip() else 1.0
    return best[1]


def single_header(request: Request, name: str) -> str | None:
    """A header that may occur once. Raises MalformedRequest if it occurs twice."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise MalformedRequest.of(name, "Must be given only once.")
    return values[0] if values else None


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            return float(value) if _QVALUE.fullmatch(value) else 1.0
    return 1.0


@lru_cache(maxsize=100)
def _is_json(content_type: str) -> bool:
    media, *parameters = (part.strip() for part in content_type.split(";"))
    return _JSON_TYPE.fullmatch(media) is not None and _charset(parameters) in ("utf-8", "utf8")


def _is_utf8(content_type: str) -> bool:
    """Whether a Content-Type names no other charset."""
    return _charset(content_type.split(";")[1:]) in ("utf-8", "utf8", "us-ascii")


def _charset(parameters: Iterable[str]) -> str:
    named = (part.strip().partition("=")[2] for part in parameters if part.strip().lower().startswith("charset="))
    return next(named, "utf-8").strip('"').lower()


def _members_once(pairs: Iterable[tuple[str, Any]]) -> Json:
    """An object without duplicate members. Otherwise the second one would silently win."""
    found: Json = {}
    for name, value in pairs:
        if name in found:
            raise _RepeatedMemberError(name)
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_members_once)
"""Created once: json.loads would create one for each body."""


def too_large(maximum: int = BODY_MAX) -> HTTPException:
    """The error for a body above ``maximum`` bytes."""
    return HTTPException(413, f"The body must have at most {maximum:,} bytes.")


def not_json() -> HTTPException:
    """The error for a body of another media type."""
    return HTTPException(415, "The body must be application/json in UTF-8.")


def not_acceptable(media: str) -> HTTPException:
    """The error for a client that does not accept the media type of the response."""
    return HTTPException(406, f"The response is {media}, which `Accept` does not allow.")
