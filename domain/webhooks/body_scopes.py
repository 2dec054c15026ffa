"""The scopes that the body of a delivery requires: of the endpoint that receives it, and of callers who read the log.

A need is a group of scopes of which one is enough. A delivery stores the needs of its body as texts, the scopes of a
group joined by ``|``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from domain.events import area_of
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.reads.json_sql import RowColumns, column_of
from domain.kernel.sql.statements import CALLER_SCOPES

Need = tuple[str, ...]
EVERYTHING: tuple[Need, ...] = tuple((scope,) for scope in SCOPES)
"""The needs of a body whose content is not known."""
_EVERY_SCOPE = literal_column(f"'{{{','.join(SCOPES)}}}'::text[]", ARRAY(Text))

TEST_EVENT_TYPE = "webhook.test"
"""The type of a test delivery, which has no event."""


def needs_of_document(type: str, scopes: Collection[str]) -> tuple[Need, ...]:
    """List the needs of the REST document of an object, as serialized for a holder of ``scopes``."""
    area = area_of(type)
    shown = (guard for guard in area.document.guards if any(scope in scopes for scope in guard))
    return (area.scope,), *sorted(shown)


def unmet_needs(needs: Iterable[Need], scopes: Collection[str]) -> Need | None:
    """Return the first need that ``scopes`` do not meet; None if all are met."""
    return next((need for need in needs if not any(scope in scopes for scope in need)), None)


def format_needs(needs: Iterable[Need]) -> list[str]:
    """Format needs as a delivery stores them."""
    return list(dict.fromkeys("|".join(need) for need in needs))


def parse_needs(entries: Sequence[str] | None) -> tuple[Need, ...]:
    """Parse the stored needs of a delivery."""
    return EVERYTHING if entries is None else tuple(tuple(entry.split("|")) for entry in entries)


def may_see_body(principal: Principal, entries: Sequence[str] | None) -> bool:
    """Whether the caller may see the body of a delivery, and the responses to it."""
    return unmet_needs(parse_needs(entries), principal.scopes) is None


def may_see_delivery(principal: Principal, type: str) -> bool:
    """Whether the caller may see deliveries of this type: tests, and events that they may read."""
    return type == TEST_EVENT_TYPE or principal.has_scope(area_of(type).scope)


def body_is_visible(row: RowColumns) -> ColumnElement[bool]:
    """The condition of ``may_see_body`` for a delivery and the caller of the statement."""
    needs = func.coalesce(column_of(row, "body_scopes"), _EVERY_SCOPE, type_=ARRAY(Text))
    need = func.unnest(needs).column_valued("need")
    is_met = func.string_to_array(need, literal_column("'|'"), type_=ARRAY(Text)).overlap(CALLER_SCOPES)
    unmet: Select[Any] = select(literal_column("1")).where(is_met.is_not(true()))
    # Nearly all needs are of one scope: then they are met if they are among the caller's.
    return case((needs.contained_by(CALLER_SCOPES), true()), else_=~unmet.exists())
