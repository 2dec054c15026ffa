"""Paths of conditions: those of the scalars in the objects of the selected events, and no others."""

from __future__ import annotations

import pytest

from domain.events import EventType
from domain.events.condition_paths import ANY_PATH, paths_of, require_paths
from domain.kernel.errors import ErrorCode, ValidationFailed

ORDER, PRODUCT = EventType("order.created"), EventType("product.created")


@pytest.mark.parametrize("type", EventType)
def test_every_object_has_an_id_and_its_paths_are_names_with_dots(type: EventType) -> None:
    paths = paths_of(type)
    assert paths
    assert all(part.isidentifier() for path in paths for part in path.removesuffix(ANY_PATH).split("."))


def test_scalars_have_paths_and_lists_and_objects_have_none() -> None:
    paths = paths_of(ORDER)
    assert {"id", "status", "shipping_address.country", f"metadata{ANY_PATH}"} <= paths
    assert not {"items", "items.sku", "shipping_address", "tags", "metadata"} & paths


def test_known_paths_are_accepted_and_members_of_metadata_by_any_name() -> None:
    require_paths([ORDER], ["status", "shipping_address.country", "metadata.anything"])


def test_a_path_of_one_of_the_types_is_enough() -> None:
    require_paths([ORDER, PRODUCT], ["shipping_address.country", "name"])
    with pytest.raises(ValidationFailed):
        require_paths([PRODUCT], ["shipping_address.country"])


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("statsu", ". Did you mean status?"),
        ("shipping_address.contry", ". Did you mean shipping_address.country?"),
        ("items", None),
        ("metadata", None),
        ("status.code", None),
        ("q" * 100, f"{'q' * 100}."),
    ],
)
def test_an_unknown_path_is_refused_with_the_nearest(path: str, end: str | None) -> None:
    with pytest.raises(ValidationFailed) as refused:
        require_paths([ORDER], ["status", path])
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == (("where", 1, "path"), ErrorCode.INVALID)
    assert problem.message.startswith(f"No object of these events has a single value at {path}")
    assert end is None or problem.message.endswith(end)


def test_every_unknown_path_is_named() -> None:
    with pytest.raises(ValidationFailed) as refused:
        require_paths([ORDER], ["nowhere", "status", "neither"])
    assert [problem.path for problem in refused.value.problems] == [("where", 0, "path"), ("where", 2, "path")]


def test_without_types_no_path_is_known() -> None:
    with pytest.raises(ValidationFailed):
        require_paths([], ["id"])
