"""The media type of the response (RFC 9110, 12.5.1; GraphQL over HTTP, "Media Types")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

RESPONSE_JSON = "application/graphql-response+json"
"""The HTTP status is the result of the request."""
JSON = "application/json"
"""For older clients: 200 for every well-formed GraphQL request. The default if the client has no preference."""
OFFERED = (JSON, RESPONSE_JSON)

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class _Range:
    media: str
    quality: float
    place: int


def preferred(accept: Sequence[str], offered: Sequence[str] = OFFERED) -> str | None:
    """The offered type that ``Accept`` likes best, of equals the one named first; None when none will do."""
    ranges = [_range(entry, place) for place, entry in enumerate(",".join(accept).split(",")) if entry.strip()]
    if not ranges:
        return offered[0]
    liked = [(media, found) for media in offered if (found := _match(media, ranges)) and found.quality > 0]
    if not liked:
        return None
    return min(liked, key=lambda item: (-item[1].quality, item[1].place))[0]


def _match(media: str, ranges: list[_Range]) -> _Range | None:
    """The most specific range that covers the type decides over it."""
    for covering in (media, f"{media.partition('/')[0]}/*", "*/*"):
        for candidate in ranges:
            if candidate.media == covering:
                return candidate
    return None


def _range(entry: str, place: int) -> _Range:
    media, *parameters = (part.strip().lower() for part in entry.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q" and _QUALITY.fullmatch(value.strip()):
            quality = float(value)
    return _Range(media, quality, place)
