"""Versions over HTTP: ``ETag: "<version>-<digest>"``, ``If-Match`` and ``If-None-Match`` (RFC 9110, 13).

``If-Match`` compares the version only: two keys with different scopes see different documents of one version. Values
outside the version (stock) are compared by the whole tag if they are sent back: ``rest_compat.read_only_members``.
``If-None-Match`` compares the whole tag, since stock changes a document without changing its version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request

from domain.kernel.errors import MalformedRequest

TAG_PATTERN = r'(?:W/)?"[!#-~]*"'
LIST_PATTERN = rf"(?:\*|{TAG_PATTERN}(?:[ \t]*,[ \t]*{TAG_PATTERN})*)"
NO_VERSION = 0
"""The version of a foreign tag, or of an object without a version. Versions start at 1."""

_TAG = re.compile(TAG_PATTERN)
_LIST = re.compile(LIST_PATTERN)
_OURS = re.compile(r'(?:W/)?"([1-9][0-9]{0,9})-[^"]*"')


def etag(version: int, body: bytes) -> str:
    """The tag of a document: the version of its aggregate and a digest of the response."""
    return f'"{version}-{hashlib.sha256(body).hexdigest()[:16]}"'


class EntityTag(NamedTuple):
    """A tag that a caller names."""

    text: str
    """The tag as it was returned; a weak one is converted to its strong form."""
    version: int
    """NO_VERSION where it is none of ours."""


def matched_tags(request: Request) -> Sequence[EntityTag] | None:
    """The tags that ``If-Match`` admits; None when it admits any. Raises MalformedRequest.

    A weak tag is as good: proxies weaken tags when they compress, and the version is exact all the same.
    """
    tags = _tags(request, "If-Match")
    if tags is None or tags == ["*"]:
        return None
    return [_read(tag) for tag in tags]


def _read(tag: str) -> EntityTag:
    ours = _OURS.fullmatch(tag)
    return EntityTag(tag.removeprefix("W/"), NO_VERSION if ours is None else int(ours[1]))


def is_known(request: Request, tag: str) -> bool:
    """Whether ``If-None-Match`` contains the tag of this document.

    An invalid header is ignored: the caller then gets the document (RFC 9110, 13.1.2, defines no error for it). An
    invalid ``If-Match`` is refused, because a conditional write would otherwise run unconditionally.
    """
    joined = _joined(request, "If-None-Match")
    if joined is None or _LIST.fullmatch(joined) is None:
        return False
    return joined == "*" or tag in [known.removeprefix("W/") for known in _TAG.findall(joined)]


def _tags(request: Request, name: str) -> list[str] | None:
    joined = _joined(request, name)
    if joined is None:
        return None
    if _LIST.fullmatch(joined) is None:
        raise MalformedRequest.of(name, 'Must be * or a list of ETags, such as "3-5f0c1a2b3c4d5e6f".')
    return ["*"] if joined == "*" else _TAG.findall(joined)


def _joined(request: Request, name: str) -> str | None:
    values = request.headers.getlist(name)
    return ", ".join(value.strip() for value in values) if values else None
