"""What a publishable key works from and shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from domain.access.commands import DEFAULT_ADDRESS_LIMIT, CreateApiKey, UpdateApiKey
from domain.access.loopback import is_loopback
from domain.access.model import ApiKey, KeyType
from domain.kernel.errors import ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Mode

STOREFRONT_SCOPES = frozenset({"products:read"})
"""Those of a publishable key, as far as shoppers may see."""
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@]+")
"""A scheme and an authority (RFC 6454, 6.2), without a path."""
_NEVER = frozenset({"file", "data", "javascript", "about", "blob"})
"""Schemes that belong to nobody: their pages send the origin ``null``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontTerms:
    """What only publishable keys have; empty for a secret key."""

    origins: tuple[str, ...] = ()
    metadata_keys: tuple[str, ...] = ()
    address_limit: int | None = None

    @classmethod
    def of(cls, key: ApiKey) -> StorefrontTerms:
        """Those of a stored key."""
        return cls(origins=tuple(key.origins), metadata_keys=tuple(key.metadata_keys), address_limit=key.address_limit)

    def columns(self) -> dict[str, Any]:
        """By the columns of a stored key."""
        return {
            "origins": list(self.origins),
            "metadata_keys": list(self.metadata_keys),
            "address_limit": self.address_limit,
        }

    def shown(self) -> dict[str, Any]:
        """For the audit log."""
        return self.columns()


def storefront_terms(
    type: KeyType, mode: Mode, command: CreateApiKey | UpdateApiKey, before: StorefrontTerms
) -> StorefrontTerms:
    """What a command asks for, and ``before`` where it says nothing.

    Raises ValidationFailed for a secret key that would have any, a publishable one without an origin, and for what is
    no origin of a page or an app.
    """
    if type == KeyType.SECRET:
        _refuse_any(command)
        return before
    origins = before.origins if command.origins is UNSET else _checked_origins(command.origins, mode)
    if not origins:
        message = "A publishable key works from listed pages and apps only. List at least one origin."
        raise ValidationFailed.of(("origins",), ErrorCode.REQUIRED, message)
    keys = before.metadata_keys if command.metadata_keys is UNSET else tuple(dict.fromkeys(command.metadata_keys))
    limit = before.address_limit if command.address_limit is UNSET else command.address_limit
    return StorefrontTerms(origins=origins, metadata_keys=keys, address_limit=limit or DEFAULT_ADDRESS_LIMIT)


def requested_scopes(command: CreateApiKey) -> tuple[str, ...]:
    """The scopes of a key to be created. Raises ValidationFailed for a secret key without scopes, and for a publishable
    one with others than it can have."""
    if command.type == KeyType.SECRET:
        if command.scopes is UNSET:
            raise ValidationFailed.of(("scopes",), ErrorCode.REQUIRED, "Required for a secret key.")
        return command.scopes
    given: Iterable[str] = () if command.scopes is UNSET else command.scopes
    message = "A publishable key has the scope products:read only."
    problems = [
        Problem(("scopes", index), ErrorCode.INVALID, message)
        for index, scope in enumerate(given)
        if scope not in STOREFRONT_SCOPES
    ]
    if problems:
        raise ValidationFailed(problems)
    return tuple(STOREFRONT_SCOPES)


def _refuse_any(command: CreateApiKey | UpdateApiKey) -> None:
    problems = [
        Problem((name,), ErrorCode.INVALID, "Only a publishable key has it.")
        for name in ("origins", "metadata_keys", "address_limit")
        if getattr(command, name) is not UNSET and getattr(command, name)
    ]
    if problems:
        raise ValidationFailed(problems)


def _checked_origins(given: tuple[str, ...], mode: Mode) -> tuple[str, ...]:
    origins = tuple(dict.fromkeys(each.strip().lower() for each in given))
    problems = [
        Problem(("origins", index), ErrorCode.INVALID, problem)
        for index, each in enumerate(origins)
        if (problem := _origin_problem(each, mode)) is not None
    ]
    if problems:
        raise ValidationFailed(problems)
    return origins


def _origin_problem(origin: str, mode: Mode) -> str | None:
    usual = "Must be a scheme and a host, such as https://shop.example or http://localhost:3000, without a path."
    if not _ORIGIN.fullmatch(origin) or not origin.isascii() or "*" in origin:
        return usual
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname, parts.port
    except ValueError:
        return usual
    if not host or parts.scheme in _NEVER:
        return usual
    if (parts.scheme, port) in (("https", 443), ("http", 80)):
        return "Must not name the usual port: browsers leave it out."
    if parts.scheme == "http" and mode is Mode.LIVE and not is_loopback(host):
        return "Must begin with `https://`; `http://` is for loopback addresses, and for keys of the sandbox."
    return None
