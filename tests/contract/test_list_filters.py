"""Every filter of every list with every other, every sort with every filter, on both surfaces: against a recount in
Python over the rows of a shop made at random. Each list is also paged through both ways.

GATEWAY_TEST_SEED repeats a shop.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from resolvers import sources
from rest_compat import ENDPOINTS
from rest_compat.actions import PageAction
from rest_compat.paging import list_parameters
from schema.strawberry_internals import field_of
from tests.cases.input_places import fields_with_arguments
from tests.contract.listed_fixtures import ALL_AREAS, Listed
from tests.contract.listed_shop import Area, Condition, Fact

NAMES = [make.__name__ for make in ALL_AREAS]


def pairs(conditions: Sequence[Condition]) -> Iterator[tuple[Condition, ...]]:
    """Each condition alone, and each two of them that are not of the same filter."""
    yield from ((each,) for each in conditions)
    yield from ((one, other) for one, other in combinations(conditions, 2) if one.name != other.name)


def left(area: Area, conditions: Sequence[Condition]) -> list[Fact]:
    return [fact for fact in area.facts if all(each.holds(fact) for each in conditions)]


def parameters(conditions: Sequence[Condition], **more: Any) -> dict[str, str]:
    return {**{each.name: each.rest for each in conditions}, "limit": "200", **more}


def variables(conditions: Sequence[Condition], **more: Any) -> dict[str, Any]:
    filters = {camel(each.name): each.graph for each in conditions if each.name != "search"}
    search = next((each.graph for each in conditions if each.name == "search"), None)
    return {"filter": filters, "first": 200, **({} if search is None else {"search": search}), **more}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


async def page_of(shop: Listed, area: Area, **asked: str) -> dict[str, Any]:
    response = await shop.client("GET", area.path, params=asked)
    assert response.status_code == 200, (asked, response.text)
    found: dict[str, Any] = response.json()
    return found


async def connected(shop: Listed, area: Area, **asked: Any) -> Any:
    known = {name: value for name, value in asked.items() if f"${name}:" in area.graph}
    answer = (await shop.client("POST", "/graphql", json={"query": area.graph, "variables": known})).json()
    assert "errors" not in answer, (known, answer)
    data = answer["data"]
    return data["list"] if "list" in data else data["webhook"]["list"]


def ids(connection: Any) -> list[str]:
    return [edge["node"]["id"] for edge in connection["edges"]]


@pytest.mark.parametrize("name", NAMES)
async def test_filters_two_by_two_leave_what_a_recount_leaves(listed: Listed, name: str) -> None:
    """What was taken out to see it fail: the DISTINCT of several categories (a product of two came twice), the update
    of ``product_stock`` (``in_stock``), the folding of accents (``brulee``), the customers' names in ``order_word``."""
    area = listed.areas[name]
    for conditions in pairs(area.conditions):
        wanted = {fact["id"] for fact in left(area, conditions)}
        asked = [(each.name, each.rest) for each in conditions]
        by_rest = await page_of(listed, area, **parameters(conditions))
        assert {row["id"] for row in by_rest["data"]} == wanted, asked
        assert by_rest["pagination"]["total_items"] == len(by_rest["data"]) == len(wanted), asked
        by_graph = await connected(listed, area, **variables(conditions))
        assert set(ids(by_graph)) == wanted, asked
        assert by_graph["totalCount"] == len(by_graph["edges"]) == len(wanted), asked


@pytest.mark.parametrize("name", NAMES)
async def test_every_sort_with_every_filter_is_in_order(listed: Listed, name: str) -> None:
    """Ties by id, in the direction of the sort."""
    area = listed.areas[name]
    assert set(area.sorts) == set(_paged(area.path).listing.sorts)
    for sort, key in area.sorts.items():
        for number, conditions in enumerate([(), *((each,) for each in area.conditions)]):
            down = number % 2 == 0
            rows = sorted(left(area, conditions), key=lambda fact: (key(fact), fact["id"]), reverse=down)
            wanted = [fact["id"] for fact in rows]
            order = {"sort": sort, "order": "desc" if down else "asc"}
            by_rest = await page_of(listed, area, **parameters(conditions, **order))
            assert [row["id"] for row in by_rest["data"]] == wanted, (order, conditions)
            if "$sort:" in area.graph:
                chosen = {"field": sort.upper(), "direction": "DESC" if down else "ASC"}
                by_graph = await connected(listed, area, **variables(conditions, sort=chosen))
                assert ids(by_graph) == wanted, (chosen, conditions)


@pytest.mark.parametrize("name", NAMES)
async def test_pages_in_both_directions_are_the_whole_list_in_pieces(listed: Listed, name: str) -> None:
    area = listed.areas[name]
    for number, (sort, key) in enumerate(area.sorts.items()):
        chances = area.conditions[number :: len(area.sorts)]
        for conditions in [(), *((each,) for each in chances)]:
            rows = sorted(left(area, conditions), key=lambda fact: (key(fact), fact["id"]))
            wanted = [fact["id"] for fact in rows]
            ascends = "$sort:" in area.graph or not area.descends
            if not ascends:
                wanted.reverse()
            asked = variables(conditions, sort={"field": sort.upper(), "direction": "ASC"}, first=None)
            assert await _walked(listed, area, asked, backwards=False) == wanted, (sort, conditions)
            assert await _walked(listed, area, asked, backwards=True) == wanted, (sort, conditions)
            order = "asc" if ascends else "desc"
            assert await _turned(listed, area, parameters(conditions, sort=sort, order=order)) == wanted, (
                sort,
                conditions,
            )


async def _walked(listed: Listed, area: Area, asked: dict[str, Any], *, backwards: bool) -> list[str]:
    found: list[str] = []
    size, place, more = ("last", "before", "hasPreviousPage") if backwards else ("first", "after", "hasNextPage")
    window: dict[str, Any] = {size: 11}
    while True:
        page = await connected(listed, area, **{**asked, **window})
        found = [*ids(page), *found] if backwards else [*found, *ids(page)]
        if not page["pageInfo"][more]:
            return found
        window[place] = page["edges"][0 if backwards else -1]["cursor"]


async def _turned(listed: Listed, area: Area, asked: dict[str, str]) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = await page_of(listed, area, **{**asked, "limit": "11", "cursor": cursor})
        found += [row["id"] for row in page["data"]]
        if not page["pagination"]["has_more"]:
            return found
        cursor = page["pagination"]["next_cursor"]


OF_ROWS = {
    "orders": ("Customer.orders", "listCustomerOrders"),
    "products": ("Category.products", None),
}
"""Lists of a row's own: by the area whose conditions narrow them, the field, and the endpoint if there is one."""


def of_a_row(listed: Listed, name: str) -> Area:
    """The list of the row that has most of them, with the conditions that it takes."""
    area = listed.areas[name]
    query = area.graph.replace("$search: String, ", "").replace("search: $search, ", "")
    if name == "orders":
        buyers = Counter(fact["customer_id"] for fact in area.facts if fact["customer_id"] is not None)
        owner, path = buyers.most_common(1)[0][0], "/v2/customers/%s/orders"
        head, theirs = "customer", [fact for fact in area.facts if fact["customer_id"] == owner]
    else:
        slugs = Counter(slug for fact in area.facts for slug in fact["categories"])
        slug = slugs.most_common(1)[0][0]
        owner = next(fact["id"] for fact in listed.areas["categories"].facts if fact["slug"] == slug)
        head, theirs, path = "category", [fact for fact in area.facts if slug in fact["categories"]], "%s"
    query = query.replace(f"list: {name}", f'webhook: {head}(id: "{owner}") {{ list: {name}') + " }"
    conditions = [each for each in area.conditions if each.name not in ("search", "customer_id")]
    return replace(area, path=path % owner, graph=query, facts=theirs, conditions=conditions)


@pytest.mark.parametrize("name", OF_ROWS)
async def test_the_list_of_a_row_is_narrowed_and_sorted_alike(listed: Listed, name: str) -> None:
    """The list within a list: the store's filters, two by two, and sorts, of one row's.

    Fails when ``NestedListing`` counts without the conditions (``totalCount``).
    """
    area = of_a_row(listed, name)
    assert len(area.facts) > 2
    for number, own in enumerate([(), *pairs(area.conditions)]):
        sort, key = list(area.sorts.items())[number % len(area.sorts)]
        wanted = [fact["id"] for fact in sorted(left(area, own), key=lambda fact: (key(fact), fact["id"]))]
        by_graph = await connected(listed, area, **variables(own, sort={"field": sort.upper(), "direction": "ASC"}))
        assert (ids(by_graph), by_graph["totalCount"]) == (wanted, len(wanted)), (sort, own)
        if OF_ROWS[name][1] is not None:
            by_rest = await page_of(listed, area, **parameters(own, sort=sort, order="asc"))
            assert [row["id"] for row in by_rest["data"]] == wanted, (sort, own)


def _paged(path: str) -> PageAction:
    for endpoint in ENDPOINTS:
        inner = path.removeprefix("/v2").split("/")
        parts = endpoint.path.split("/")
        fits = len(parts) == len(inner) and all(map(_fits, parts, inner))
        if fits and endpoint.method == "GET" and isinstance(endpoint.action, PageAction):
            return endpoint.action
    raise LookupError(path)


def _fits(part: str, given: str) -> bool:
    return part == given or part.startswith("{")


async def test_every_filter_of_every_list_is_among_them(listed: Listed) -> None:
    """A filter that is added must be recounted. Fails when an area or one of its conditions is taken out."""
    own = {"page", "limit", "cursor", "sort", "order"}
    recounted = {id(_paged(area.path)): {each.name for each in area.conditions} for area in listed.areas.values()}
    for name, (_, endpoint) in OF_ROWS.items():
        area = of_a_row(listed, name)
        if endpoint is not None:
            recounted[id(_paged(area.path))] = {each.name for each in area.conditions}
    for each in ENDPOINTS:
        if isinstance(each.action, PageAction):
            named = {spec.name for spec in list_parameters(each.action)} - own
            assert named == recounted.pop(id(each.action), set()), each.name
    assert recounted == {}


async def test_every_list_of_graphql_that_has_a_filter_is_among_them(listed: Listed) -> None:
    """Of the store and of a row. Fails when an area is taken out."""
    graphs = " ".join(area.graph for area in listed.areas.values())
    walked = {f"query.{name}" for name in re.findall(r"(?<!{ )list: (\w+)", graphs)}
    walked |= {f"{head.capitalize()}.{name}" for head, name in re.findall(r"(\w+)\([^)]*\) { list: (\w+)", graphs)}
    walked |= {label for label, _ in OF_ROWS.values()}
    for field in fields_with_arguments():
        source = field_of(field.field).source
        if isinstance(source, sources.ListSource) and source.filter is not None:
            assert field.label in walked, field.label
