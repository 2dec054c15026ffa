"""Rows that are stored as JSON: they are written as rows of a table would be, and what is not as promised fails."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from sqlalchemy import ColumnElement, Integer, Numeric, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain import catalog
from domain.kernel.database import Database
from domain.kernel.documents.json_formats import JsonValueList
from domain.kernel.reads.json_objects import (
    ColumnKind,
    JsonColumn,
    JsonEnum,
    JsonMany,
    JsonMoney,
    JsonOne,
    NotPushableError,
    json_object,
)
from domain.kernel.reads.json_stored_rows import JsonStoredList, JsonStoredRow
from domain.kernel.reads.json_values import JsonInt, JsonNumberText, JsonStoredObject, JsonTexts, StoredText
from domain.kernel.reads.stored_rows import (
    OwnedElsewhere,
    OwnedItems,
    OwnedObject,
    OwnedTexts,
    StoredColumns,
    StoredRows,
)
from domain.kernel.sql.tables import INSTANT
from tests.conftest import Shop
from tests.kernel.test_json_objects import TEXTS, Types, documents, rows

NAME = (("name", JsonColumn("name", ColumnKind.TEXT, required=True)),)
NAMED = StoredRows({"name": Text(), "other": Text()})


async def written(database: Database, shop: Shop, value: Any, *stored: Any) -> list[Any]:
    """The value of each row whose only column, ``json``, has this content."""
    given = rows({"json": JSONB()}, [(each,) for each in stored])
    return [each["value"] for each in await documents(database, shop, (("value", value),), given)]


def one(members: Any, stored: StoredRows, *, required: bool = True) -> JsonStoredRow:
    """The row in the column."""
    return JsonStoredRow("json", stored, members, required)


async def test_objects_are_written_with_the_members_that_are_shown(database: Database, shop: Shop) -> None:
    given = [{"name": text, "more": {"a": [1]}} for text in TEXTS]
    assert await written(database, shop, one(NAME, NAMED), *given) == [{"name": text} for text in TEXTS]


async def test_lists_are_written_in_their_order(database: Database, shop: Shop) -> None:
    names = [str(number) for number in range(200, 0, -1)]
    value = JsonStoredList("json", NAMED, NAME)
    assert await written(database, shop, value, [{"name": name} for name in names], []) == [
        [{"name": name} for name in names],
        [],
    ]


async def test_every_kind_of_column_is_read(database: Database, shop: Shop) -> None:
    """Numbers as exact as they are stored, times without what is below a millisecond."""
    types: Types = {"n": Integer(), "minor": Integer(), "currency": Text(), "exact": Numeric(10, 3), "at": INSTANT}
    stored = StoredRows({**types, "tags": ARRAY(Text()), "state": Text(), "data": JSONB(), "address": JSONB()})
    address = JsonStoredObject("address", ("city",), (("city", StoredText("city", required=True)),), required=True)
    members = (
        ("n", JsonInt("n", required=True)),
        ("money", JsonMoney("minor", "currency")),
        ("exact", JsonNumberText("exact", required=True)),
        ("at", JsonColumn("at", ColumnKind.INSTANT, required=True)),
        ("tags", JsonTexts("tags", required=True)),
        ("state", JsonEnum("state", {"open": "OPEN"}, required=True)),
        ("data", JsonColumn("data", ColumnKind.JSON, required=True)),
        ("address", address),
    )
    given = {"n": 7, "minor": 1250, "currency": "GBP", "exact": "1.50", "at": "2026-06-30T23:59:59.9999+00:00"}
    given = {**given, "tags": list(TEXTS), "state": "open", "data": {"b": [1.5]}, "address": {"city": "York"}}
    assert await written(database, shop, one(members, stored), given) == [
        {
            "n": 7,
            "money": "12.50",
            "exact": "1.50",
            "at": "2026-06-30T23:59:59.999Z",
            "tags": list(TEXTS),
            "state": "OPEN",
            "data": {"b": [1.5]},
            "address": {"city": "York"},
        }
    ]


async def test_what_is_missing_is_null(database: Database, shop: Shop) -> None:
    """As is null itself, which is no object where there may be none."""
    optional = (("name", JsonColumn("name", ColumnKind.TEXT, required=False)),)
    assert await written(database, shop, one(optional, NAMED), {}, {"name": None}) == [{"name": None}] * 2
    assert await written(database, shop, one(NAME, NAMED, required=False), None) == [None]


async def test_members_that_were_stored_later_have_a_value_before(database: Database, shop: Shop) -> None:
    stored = StoredRows(
        {"tags": ARRAY(Text()), "returned": Integer()},
        missing={"tags": [], "returned": 0},
    )
    members = (("tags", JsonTexts("tags", required=True)), ("returned", JsonInt("returned", required=True)))
    given: tuple[dict[str, Any], ...] = {}, {"tags": ["a"], "returned": 2}
    assert await written(database, shop, one(members, stored), *given) == list(map(stored.complete, given))
    assert stored.complete({}) == {"tags": [], "returned": 0}


async def test_columns_follow_from_others_and_from_the_row_around(database: Database, shop: Shop) -> None:
    def both(row: StoredColumns) -> ColumnElement[Any]:
        assert isinstance(row.holder, StoredColumns)
        return func.concat(row.member("name"), "-", row.holder["name"], type_=Text())

    inner = StoredRows({"name": Text()}, derived={"both": both})
    outer = StoredRows({"name": Text(), "items": JSONB()})
    members = (("both", JsonColumn("both", ColumnKind.TEXT, required=True)),)
    value = one((("items", JsonStoredList("items", inner, members)),), outer)
    given = {"name": "o", "items": [{"name": "a"}, {"name": "b"}]}
    assert await written(database, shop, value, given) == [{"items": [{"both": "a-o"}, {"both": "b-o"}]}]


READ = catalog.reads.images_by_product
ONE_OF = catalog.reads.image_by_id
TEXTS_OF = catalog.reads.categories_by_product
IMAGE = StoredRows({"id": Text(), "name": Text()})
VARIANT = StoredRows({"image_id": Text()}, owned={ONE_OF: OwnedElsewhere("image_id", "images", IMAGE)})
PRODUCT = StoredRows(
    {"images": JSONB(), "first": JSONB(), "slugs": ARRAY(Text()), "variants": JSONB()},
    owned={
        READ: OwnedItems("images", IMAGE),
        TEXTS_OF: OwnedTexts("slugs", "slug"),
        catalog.reads.variants_by_product: OwnedItems("variants", VARIANT),
        catalog.reads.product_by_id: OwnedObject("first", IMAGE),
    },
)
OWNED = (
    ("images", JsonMany(READ, "", NAME)),
    ("first", JsonOne(catalog.reads.product_by_id, "", NAME, required=False)),
    ("slugs", JsonValueList(TEXTS_OF, "", JsonColumn("slug", ColumnKind.TEXT, required=False))),
    ("variants", JsonMany(catalog.reads.variants_by_product, "", (("image", JsonOne(ONE_OF, "", NAME, False)),))),
)
IMAGES = [{"id": "img_2", "name": "two"}, {"id": "img_1", "name": "one"}]
WHOLE = {
    "images": IMAGES,
    "first": IMAGES[0],
    "slugs": ["b", "a"],
    "variants": [{"image_id": "img_1"}, {"image_id": None}, {"image_id": "img_3"}],
}


async def test_what_a_row_owns_is_found_in_it(database: Database, shop: Shop) -> None:
    """In the order in which it is stored; no table is read."""
    found = await written(database, shop, one(OWNED, PRODUCT), WHOLE, {**WHOLE, "first": None, "images": []})
    one_, two = {"name": "one"}, {"name": "two"}
    variants = [{"image": one_}, {"image": None}, {"image": None}]
    assert found[0] == {"images": [two, one_], "first": two, "slugs": ["b", "a"], "variants": variants}
    assert (found[1]["images"], found[1]["first"], found[1]["variants"]) == ([], None, [{"image": None}] * 3)


async def test_a_row_that_must_be_owned_is(database: Database, shop: Shop) -> None:
    required = (("first", JsonOne(catalog.reads.product_by_id, "", NAME, required=True)),)
    assert await written(database, shop, one(required, PRODUCT), WHOLE) == [{"first": {"name": "two"}}]
    with pytest.raises(asyncpg.PostgresError):
        await written(database, shop, one(required, PRODUCT), {**WHOLE, "first": None})


BROKEN = {
    "no images": (one(OWNED, PRODUCT), {**WHOLE, "images": None}),
    "no slugs": (one(OWNED, PRODUCT), {**WHOLE, "slugs": None}),
    "images that are none": (one(OWNED, PRODUCT), {**WHOLE, "images": "img_1"}),
    "two images with one id": (one(OWNED, PRODUCT), {**WHOLE, "images": [IMAGES[1], IMAGES[1]]}),
    "null": (one(NAME, NAMED), {"name": None}),
    "missing": (one(NAME, NAMED), {}),
    "no row": (one(NAME, NAMED), None),
    "a text": (one(NAME, NAMED), "name"),
    "a list": (one(NAME, NAMED), [{"name": "a"}]),
    "no list": (JsonStoredList("json", NAMED, NAME), None),
    "an object": (JsonStoredList("json", NAMED, NAME), {"name": "a"}),
    "texts": (JsonStoredList("json", NAMED, NAME), ["a"]),
    "one of them": (JsonStoredList("json", NAMED, NAME), [{"name": "a"}, {"other": "a"}]),
    "a word": (one((("n", JsonInt("n", required=True)),), StoredRows({"n": Integer()})), {"n": "many"}),
    "a long": (one((("n", JsonInt("n", required=True)),), StoredRows({"n": Integer()})), {"n": 2**31}),
    "no time": (
        one((("at", JsonColumn("at", ColumnKind.INSTANT, required=True)),), StoredRows({"at": INSTANT})),
        {"at": "soon"},
    ),
    "a keyword": (
        one((("state", JsonEnum("state", {"a": "A"}, required=True)),), StoredRows({"state": Text()})),
        {"state": "b"},
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_not_as_promised_fails(database: Database, shop: Shop, name: str) -> None:
    value, stored = BROKEN[name]
    with pytest.raises(asyncpg.PostgresError):
        await written(database, shop, value, stored)


def test_only_json_holds_rows() -> None:
    table = rows({"json": Text()}, [("a",)]).subquery()
    for value in (one(NAME, NAMED), JsonStoredList("json", NAMED, NAME)):
        with pytest.raises(NotPushableError):
            json_object((("value", value),), table.c)
