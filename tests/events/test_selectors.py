"""Selectors of event types: by name, by area, or all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.events import ALL_EVENTS, SELECTORS, EventType, area_selector, named_types, normalize_selectors
from domain.events import selected_types as select
from domain.kernel.errors import ErrorCode, Forbidden, ValidationFailed
from domain.kernel.principal import SCOPES, Mode, Plan, Principal, Store

STORE = Store(1, "store_1", "acct_1", "Shop", Mode.LIVE, "GBP", Plan.ENTERPRISE)
OWNER = Principal(STORE, frozenset(SCOPES), "system")
READER = replace(OWNER, scopes=frozenset({"products:read"}))
PRODUCT_TYPES = [type for type in EventType if type.startswith("product.")]


def test_every_type_has_a_selector_and_every_area_one_for_all_its_types() -> None:
    areas = {type.partition(".")[0] for type in EventType}
    assert set(SELECTORS) == {*map(str, EventType), *(f"{area}.*" for area in areas), "*"}
    assert len(SELECTORS) == len(set(SELECTORS))


@pytest.mark.parametrize("type", EventType)
def test_a_type_is_selected_by_its_name_by_its_area_and_by_all(type: EventType) -> None:
    assert select([type]) == [type]
    assert type in select([area_selector(type)])
    assert select([ALL_EVENTS]) == list(EventType)


def test_the_selector_of_an_area_selects_no_other_area() -> None:
    assert select(["product.*"]) == PRODUCT_TYPES
    assert len(PRODUCT_TYPES) == 3


def test_types_that_only_the_selector_of_all_selects_are_not_named() -> None:
    assert named_types(["*"]) == []
    assert named_types(["*", "order.created"]) == [EventType("order.created")]


@pytest.mark.parametrize(
    ("given", "normalized"),
    [
        (("order.created", "order.created"), ["order.created"]),
        (("order.created", "order.*", "product.created"), ["order.*", "product.created"]),
        (("product.created", "*", "order.*"), ["*"]),
        ((), []),
    ],
)
def test_what_another_selector_includes_is_dropped(given: tuple[str, ...], normalized: list[str]) -> None:
    assert normalize_selectors(OWNER, given) == normalized


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("order.creatd", "Unknown event type order.creatd. Did you mean order.created?"),
        ("Order.Created", "Unknown event type Order.Created. Did you mean order.created?"),
        ("xyz", "Unknown event type xyz."),
        ("", "Unknown event type ."),
    ],
)
def test_an_unknown_selector_is_refused_with_the_nearest(selector: str, message: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        normalize_selectors(OWNER, ("product.created", selector, "product.*"))
    (problem,) = refused.value.problems
    assert (problem.path, problem.code, problem.message) == (("events", 1), ErrorCode.INVALID, message)


@pytest.mark.parametrize("selector", ["order.created", "order.*"])
def test_a_named_type_or_area_needs_its_scope(selector: str) -> None:
    with pytest.raises(Forbidden, match="orders:read") as refused:
        normalize_selectors(READER, ("product.created", selector))
    assert refused.value.missing_scope == "orders:read"


def test_all_events_need_no_scope_of_their_own() -> None:
    assert normalize_selectors(READER, ("*",)) == ["*"]
