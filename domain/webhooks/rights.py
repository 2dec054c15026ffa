"""Which scopes the body of a delivery depends on: who may have it sent, and who may see it in the log.

A need is a group of scopes of which one is enough. A delivery keeps the needs of its body as texts, the scopes of a
group joined by ``|``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from domain.events.event_types import area_of
from domain.kernel.principal import SCOPES, Principal

Need = tuple[str, ...]
EVERYTHING: tuple[Need, ...] = tuple((scope,) for scope in SCOPES)
"""The needs of a body of which nobody knows what it shows."""

TEST_EVENT_TYPE = "webhook.test"
"""The type of a delivery that reports no event, but that the endpoint can be reached."""


def needs_of_document(type: str, scopes: Collection[str]) -> tuple[Need, ...]:
    """The needs of the object as REST writes it for who holds ``scopes``."""
    kind = area_of(type)
    shows_cost = any(scope in scopes for scope in kind.cost_scopes)
    return ((kind.scope,), kind.cost_scopes) if shows_cost else ((kind.scope,),)


def unmet_needs(needs: Iterable[Need], scopes: Collection[str]) -> Need | None:
    """The first need of which ``scopes`` hold nothing; None where all are met."""
    return next((need for need in needs if not any(scope in scopes for scope in need)), None)


def stored(needs: Iterable[Need]) -> list[str]:
    """The needs as a delivery keeps them."""
    return list(dict.fromkeys("|".join(need) for need in needs))


def needs_stored(entries: Sequence[str] | None) -> tuple[Need, ...]:
    """The needs that a delivery keeps."""
    return EVERYTHING if entries is None else tuple(tuple(entry.split("|")) for entry in entries)


def may_see_body(principal: Principal, entries: Sequence[str] | None) -> bool:
    """Whether the caller may see the body of a delivery, and what was answered to it."""
    return unmet_needs(needs_stored(entries), principal.scopes) is None


def may_see_delivery(principal: Principal, type: str) -> bool:
    """Whether the caller may see deliveries of this type: tests, and events that they may see."""
    return type == TEST_EVENT_TYPE or principal.has_scope(area_of(type).scope)
