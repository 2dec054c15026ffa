"""Roles of users: what each of them may do, as sets of scopes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.kernel.principal import SCOPES


class UserRole(StrEnum):
    """The role of a user in an account."""

    OWNER = "owner"
    DEVELOPER = "developer"
    SUPPORT = "support"
    READ_ONLY = "read_only"


_READS = frozenset(scope for scope in SCOPES if scope.endswith(":read"))
ROLE_SCOPES: Mapping[UserRole, frozenset[str]] = MappingProxyType(
    {
        UserRole.OWNER: frozenset(SCOPES),
        UserRole.DEVELOPER: frozenset(SCOPES) - {"access:write"},
        UserRole.SUPPORT: (_READS - {"access:read", "analytics:read", "webhooks:read"})
        | {"orders:write", "customers:write", "shipping:write"},
        UserRole.READ_ONLY: _READS - {"access:read"},
    }
)
"""The most that an application can be granted by a user of each role."""


def in_order(scopes: frozenset[str] | set[str]) -> list[str]:
    """The scopes in the order of ``SCOPES``, as they are stored and shown."""
    return [scope for scope in SCOPES if scope in scopes]
