"""Event types: collected from the areas, with the scope and the object of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.areas import load_areas
from domain.events import EventType, area_of, object_of, readable_types, resolve_types
from domain.kernel.errors import Forbidden
from domain.kernel.events import REGISTRY
from tests.events.test_selectors import OWNER, READER


def test_the_types_are_those_that_areas_declare() -> None:
    declared = [event.type for area in load_areas(below="events") for event in area.events]
    assert [str(type) for type in EventType] == declared
    assert set(declared) == set(REGISTRY)
    assert all(type.name == type.replace(".", "_").upper() for type in EventType)


@pytest.mark.parametrize("type", EventType)
def test_every_type_has_a_scope_that_reads_it(type: EventType) -> None:
    scope = area_of(type).scope
    assert scope.endswith(":read")
    assert type in readable_types(replace(OWNER, scopes=frozenset({scope})))
    assert type not in readable_types(replace(OWNER, scopes=OWNER.scopes - {scope}))


def test_without_named_types_all_that_the_caller_may_read_are_meant() -> None:
    assert resolve_types(OWNER, None) == tuple(EventType)
    assert {type.partition(".")[0] for type in resolve_types(READER, None)} == {"product"}
    assert resolve_types(replace(OWNER, scopes=frozenset()), None) == ()


def test_named_types_are_meant_once_and_in_their_order() -> None:
    second, first = EventType("order.created"), EventType("product.created")
    assert resolve_types(OWNER, [second, first, second]) == (second, first)


def test_a_named_type_that_the_caller_may_not_read_is_refused() -> None:
    with pytest.raises(Forbidden, match=r"orders:read, which events of type order\.created require"):
        resolve_types(READER, [EventType("product.created"), EventType("order.created")])


def test_the_object_of_an_event_is_a_row_of_its_snapshot() -> None:
    snapshot = {"id": "wh_1", "product_id": "prod_1", "available": 3, "levels": []}
    row = object_of("inventory.low", snapshot)
    assert (row.product_id, row.available) == ("prod_1", 3)
