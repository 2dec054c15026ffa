"""Scopes in the words of users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.kernel.principal import AREAS

_AREAS: Mapping[str, str] = {
    "products": "Products and categories",
    "orders": "Orders and returns",
    "customers": "Customers and their addresses",
    "inventory": "Stock and warehouses",
    "payments": "Payments and refunds",
    "shipping": "Shipments and labels",
    "analytics": "Sales figures",
    "webhooks": "Webhooks",
    "access": "API keys, applications and settings",
}
_ACTIONS: Mapping[frozenset[str], str] = {
    frozenset({"read"}): "see",
    frozenset({"write"}): "change",
    frozenset({"read", "write"}): "see and change",
}


def scope_lines(scopes: Iterable[str]) -> list[tuple[str, str]]:
    """What scopes allow: for each area its name and what may be done there."""
    actions: dict[str, set[str]] = {}
    for scope in scopes:
        area, _, action = scope.partition(":")
        actions.setdefault(area, set()).add(action)
    return [(_AREAS[area], _ACTIONS[frozenset(actions[area])]) for area in AREAS if area in actions]
