"""The scopes of jobs: those of the area that an import moves, of others those that their operation needs."""

from __future__ import annotations

from collections.abc import Mapping

from domain.jobs.model import JobKind
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.sql.executor import Row

SCOPE_AREAS: Mapping[JobKind, str] = {
    JobKind.IMPORT_PRODUCTS: "products",
    JobKind.IMPORT_STOCK: "inventory",
    JobKind.IMPORT_CUSTOMERS: "customers",
    JobKind.IMPORT_ORDERS: "orders",
}
"""The area of the scopes of each kind of import."""
ALSO_WRITTEN: Mapping[JobKind, tuple[str, ...]] = {JobKind.IMPORT_ORDERS: ("customers:write", "products:write")}
"""The scopes that starting an import needs besides its own, as it creates what is missing."""


def write_scope(kind: JobKind) -> str:
    """The scope that cancels imports of a kind, and starts them: see ``require_start``."""
    return f"{SCOPE_AREAS[kind]}:write"


def require_control(principal: Principal, kind: JobKind) -> None:
    """Check that the caller may cancel jobs of a kind that they see. Raises Forbidden."""
    if kind in SCOPE_AREAS:
        principal.require(write_scope(kind))


def require_start(principal: Principal, kind: JobKind) -> None:
    """Check that the caller may start jobs of a kind. Raises Forbidden."""
    require_control(principal, kind)
    for scope in ALSO_WRITTEN.get(kind, ()):
        principal.require(scope)


def held_scopes(principal: Principal) -> list[str]:
    """The scopes of the caller, in their order."""
    return [scope for scope in SCOPES if principal.has_scope(scope)]


def sees_kind(principal: Principal, kind: JobKind) -> bool:
    """Whether the caller may see jobs of a kind: imports with a scope of their area, one that starts them included; of
    the others it depends on the job.
    """
    if principal.storefront is not None:
        return False
    area = SCOPE_AREAS.get(kind)
    return area is None or principal.has_scope(f"{area}:read") or principal.has_scope(f"{area}:write")


def readable_kinds(principal: Principal) -> tuple[JobKind, ...]:
    """The kinds whose jobs the caller may see."""
    return tuple(kind for kind in JobKind if sees_kind(principal, kind))


def may_see_job(principal: Principal, job: Row) -> bool:
    """Whether the caller may see a job: its kind, and with all the scopes that it needed."""
    return sees_kind(principal, JobKind(job.kind)) and all(map(principal.has_scope, job.scopes))
