"""Lists: by number with totals, by cursor, and what cannot be read of either."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from domain.kernel.listing import Page, Query
from rest_compat.paging import ListRequest, pagination_of
from tests.conftest import Client, MakeProduct

EMPTY = {"page": 1, "limit": 50, "total_pages": 0, "total_items": 0, "has_next": False, "has_previous": False}


async def test_an_empty_list_has_no_pages(rest: Client) -> None:
    assert (await rest("GET", "/v2/products")).json() == {"data": [], "pagination": EMPTY}
    assert (await rest("GET", "/v2/products?page=3")).json() == {"data": [], "pagination": {**EMPTY, "page": 3}}
    opened = (await rest("GET", "/v2/products?cursor=")).json()
    assert opened == {"data": [], "pagination": {"next_cursor": None, "has_more": False}}


async def test_pages_by_number_know_their_place(rest: Client, make_product: MakeProduct) -> None:
    names = [f"Mug {number}" for number in range(5)]
    for name in names:
        await make_product(name=name)
    expected = [
        (1, names[:2], True, False),
        (2, names[2:4], True, True),
        (3, names[4:], False, True),
        (4, [], False, True),
        (1_000_000, [], False, True),
    ]
    for number, shown, has_next, has_previous in expected:
        answer = await rest("GET", f"/v2/products?page={number}&limit=2&sort=name")
        assert answer.status_code == 200
        assert [product["name"] for product in answer.json()["data"]] == shown
        assert answer.json()["pagination"] == {
            "page": number,
            "limit": 2,
            "total_pages": 3,
            "total_items": 5,
            "has_next": has_next,
            "has_previous": has_previous,
        }


@pytest.mark.parametrize("query", ["sort=name", "sort=price&order=desc", "", "search=mug", "order=asc&status=active"])
async def test_cursors_visit_every_row_once(rest: Client, make_product: MakeProduct, query: str) -> None:
    for name in ("a mug", "Ä mug ~", "mug/+&=?", "日本 mug", "b mug"):
        await make_product(name=name)
    whole = [product["id"] for product in (await rest("GET", f"/v2/products?{query}")).json()["data"]]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await rest("GET", f"/v2/products?{query}&limit=2&cursor={cursor}")).json()
        seen += [product["id"] for product in page["data"]]
        cursor = page["pagination"]["next_cursor"]
        assert page["pagination"] == {"next_cursor": cursor, "has_more": cursor is not None}
        assert cursor is None or urlsafe_b64encode(urlsafe_b64decode(cursor + "==")).decode().rstrip("=") == cursor
    assert (seen, len(seen)) == (whole, 5)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=-1", "limit=", "limit=ten", "limit=1.0", "limit=%D9%A1", "limit=1e1",
        "limit=" + "9" * 5_000, "page=0", "page=-1", "page=1000001", "page=x", "page=1&cursor=", "page=1&page=1",
        "limit=1&limit=2", "cursor=x", "cursor=!!!", "cursor=%00", "cursor=YzF-bmFtZQ", "cursor=" + "a" * 12_000,
        "cursor=%C3%A9", "cursor=_w", "sort=colour", "sort=", "sort=NAME", "sort=rank", "order=up", "order=",
        "order=ASC", "status=", "status=sold", "status=active,", "status=active,active,active,active", "category=",
        "tags=", "tags=a,,b", "search=%00", "search=" + "x" * 256, "colour=red", "name=x",
        "id=1", "limit[]=1", "%00=1", "=1", "Limit=1",
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_malformed(rest: Client, query: str) -> None:
    answer = await rest("GET", f"/v2/products?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "validation_error")
    assert answer.json()["error"]["details"] != []


async def test_every_wrong_parameter_is_named_at_once(rest: Client) -> None:
    answer = await rest("GET", "/v2/products?limit=0&status=sold,lost&colour=red")
    assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [
        ("limit", "TOO_SMALL"),
        ("status", "INVALID"),
        ("status", "INVALID"),
        ("colour", "UNKNOWN_FIELD"),
    ]


async def test_a_cursor_belongs_to_its_list(rest: Client, make_product: MakeProduct) -> None:
    for _ in range(3):
        await make_product(categories=("a", "b"))
    cursor = (await rest("GET", "/v2/products?limit=1&cursor=")).json()["pagination"]["next_cursor"]
    assert (await rest("GET", f"/v2/products?limit=2&cursor={cursor}")).status_code == 200
    assert (await rest("GET", f"/v2/products?cursor={cursor}==")).status_code == 200
    for other in ("sort=name", "order=asc", "status=active", "search=mug"):
        assert (await rest("GET", f"/v2/products?{other}&cursor={cursor}")).status_code == 400


@pytest.mark.parametrize("path", ["/v2/shop", "/v2/viewer", "/v2/products/MUG", "/v2/products/MUG/variants"])
async def test_things_take_no_parameters(rest: Client, make_product: MakeProduct, path: str) -> None:
    await make_product(sku="MUG")
    assert (await rest("GET", path)).status_code == 200
    assert (await rest("GET", f"{path}?page=1")).status_code == 400


async def test_writes_take_no_parameters(rest: Client, events: object) -> None:
    answer = await rest("POST", "/v2/products?dry_run=1", json={"name": "Mug", "price": 5, "sku": "M"})
    assert answer.status_code == 400


@pytest.mark.parametrize("number", [1, None])
def test_a_search_that_was_cut_says_so(number: int | None) -> None:
    for cut in (True, False):
        page = Page(
            [],
            has_next=False,
            has_previous=False,
            search_truncated=cut,
            total=0,
            fingerprint="rank.asc",
            sort_key="rank",
        )
        pagination = pagination_of(ListRequest(Query(search="mug"), number), page)
        assert pagination.get("search_truncated") is (True if cut else None)
