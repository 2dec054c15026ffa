"""Values beyond plain columns: what the database writes is what we would write, and what is not as promised fails."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from sqlalchemy import BigInteger, Integer, Numeric, Select, Text, cast, column, literal, literal_column, null, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.kernel.database import Database
from domain.kernel.reads.json_objects import (
    ColumnKind,
    JsonColumn,
    JsonFields,
    JsonMany,
    JsonObject,
    NotPushableError,
    json_object,
)
from domain.kernel.reads.json_values import (
    JsonEither,
    JsonFigure,
    JsonInt,
    JsonNumberText,
    JsonSingleton,
    JsonStoredObject,
    JsonTexts,
    JsonTyped,
    StoredInstant,
    StoredKeyword,
    StoredText,
    StoredType,
)
from domain.kernel.reads.read import Read
from domain.kernel.sql.statements import STORE
from tests.conftest import Shop
from tests.kernel.test_json_objects import TEXTS, Types, documents, rows

TEXT = (("name", JsonColumn("text", ColumnKind.TEXT, required=True)),)
NUMBER = (("n", JsonInt("n", required=True)),)
MEMBERS = (
    ("A", StoredText("a", required=True)),
    ("B", StoredText("b", required=False)),
    ("kind", StoredType("Made")),
)
STORED = JsonStoredObject("json", ("a", "b"), MEMBERS, required=True)


async def values_of(database: Database, shop: Shop, value: Any, types: Types, *made: tuple[Any, ...]) -> list[Any]:
    """The value of each row."""
    found = await documents(database, shop, (("value", value),), rows(types, made))
    return [each["value"] for each in found]


async def test_integers_of_32_bits_are_written_whatever_the_column(database: Database, shop: Shop) -> None:
    for type_ in (Integer(), BigInteger()):
        bounds = [(2**31 - 1,), (-(2**31),), (0,)]
        found = await values_of(database, shop, JsonInt("whole", required=True), {"whole": type_}, *bounds)
        assert found == [number for (number,) in bounds]
    assert await values_of(database, shop, JsonInt("w", required=False), {"w": BigInteger()}, (None,)) == [None]


async def test_arrays_of_texts_are_lists(database: Database, shop: Shop) -> None:
    types: Types = {"tags": ARRAY(Text())}
    made = [(list(TEXTS),), ([],), (["one"],)]
    assert await values_of(database, shop, JsonTexts("tags", required=True), types, *made) == [each for (each,) in made]
    assert await values_of(database, shop, JsonTexts("tags", required=False), types, (None,)) == [None]


async def test_numbers_are_written_as_text_digit_by_digit(database: Database, shop: Shop) -> None:
    found = await values_of(database, shop, JsonNumberText("n", required=True), {"n": BigInteger()}, (2**53 + 1,), (0,))
    assert found == ["9007199254740993", "0"]
    found = await values_of(database, shop, JsonNumberText("n", True, "e1."), {"n": Integer()}, (7,))
    assert found == ["e1.7"]
    exact = select(cast(literal("100.500", Text()), Numeric()).label("n"))
    assert await documents(database, shop, (("n", JsonNumberText("n", required=True)),), exact) == [{"n": "100.500"}]


async def test_stored_objects_show_their_texts(database: Database, shop: Shop) -> None:
    found = await values_of(
        database, shop, STORED, {"json": JSONB()}, *(({"a": text, "b": None, "other": 1},) for text in TEXTS)
    )
    assert found == [{"A": text, "B": None, "kind": "Made"} for text in TEXTS]
    optional = JsonStoredObject(STORED.column, STORED.names, STORED.members, required=False)
    assert await values_of(database, shop, optional, {"json": JSONB()}, (None,)) == [None]


def action(*, required: bool = False) -> JsonStoredObject:
    """A stored object with a keyword, and a time that may be left out."""
    members = (
        ("type", StoredKeyword("type", (("a", "ALPHA"), ("b", "BETA")), required=True)),
        ("until", StoredInstant("until", required=required)),
    )
    return JsonStoredObject("json", ("type",), members, required=False)


async def test_stored_objects_show_keywords_and_times(database: Database, shop: Shop) -> None:
    """Times in UTC, of which what is below a millisecond is left out, as Python writes them."""
    stored = (
        {"type": "a", "until": "2026-01-15T10:30:00Z"},
        {"type": "b", "until": "2026-01-15T10:30:00.1239+02:00"},
        {"type": "b", "until": None},
        {"type": "a"},
        None,
    )
    found = await values_of(database, shop, action(), {"json": JSONB()}, *((each,) for each in stored))
    assert found == [
        {"type": "ALPHA", "until": "2026-01-15T10:30:00.000Z"},
        {"type": "BETA", "until": "2026-01-15T08:30:00.123Z"},
        {"type": "BETA", "until": None},
        {"type": "ALPHA", "until": None},
        None,
    ]


@pytest.mark.parametrize(
    ("stored", "required"),
    [
        ({"type": "c"}, False),
        ({"type": 1}, False),
        ({"type": None}, False),
        ({}, False),
        ({"type": "a", "until": "soon"}, False),
        ({"type": "a", "until": 1}, False),
        ({"type": "a", "until": None}, True),
    ],
)
async def test_other_keywords_and_times_fail_the_statement(
    database: Database, shop: Shop, stored: dict[str, Any], required: bool
) -> None:
    with pytest.raises(asyncpg.DataError):
        await values_of(database, shop, action(required=required), {"json": JSONB()}, (stored,))


async def test_a_list_of_one_is_empty_without_it(database: Database, shop: Shop) -> None:
    value = JsonSingleton(JsonObject("text", TEXT, required=False))
    assert await values_of(database, shop, value, {"text": Text()}, ("x",), (None,)) == [[{"name": "x"}], []]


async def test_a_keyword_decides_the_type(database: Database, shop: Shop) -> None:
    value = JsonTyped("kind", ((("a", "b"), TEXT), (("c",), ())))
    found = await values_of(
        database, shop, value, {"kind": Text(), "text": Text()}, ("a", "x"), ("b", "y"), ("c", None)
    )
    assert found == [{"name": "x"}, {"name": "y"}, {}]


def figures(*made: tuple[str | None, int | None], **options: Any) -> Read:
    """A read of made-up rows, by the column ``key``."""
    source = rows({"key": Text(), "number": BigInteger()}, made).subquery("figures")
    statement: Select[Any] = select(source.c.key, source.c.number)
    return Read("figures", statement, scope=None, store=STORE, key=source.c.key, **options)


async def test_figures_of_other_rows_are_looked_up(database: Database, shop: Shop) -> None:
    value = JsonFigure(figures(("a", 5), ("b", -7)), "key", "number", missing=3)
    statement = rows({"key": Text()}, [("a",), ("b",), ("c",)])
    assert await found_by(database, shop, value, statement) == [5, -7, 3]


async def test_one_of_two_keys_decides_which_rows_are_listed(database: Database, shop: Shop) -> None:
    number = column("number", BigInteger())
    read = figures(("a", 1), ("a", 2), ("b", 3), many=True, order=(number,))
    member = (("n", JsonInt("number", required=True)),)
    value = JsonEither(JsonMany(read, "first", member), JsonMany(read, "second", member))
    statement = rows({"first": Text(), "second": Text()}, [("a", "b"), (None, "b"), ("c", None)])
    assert await found_by(database, shop, value, statement) == [[{"n": 1}, {"n": 2}], [{"n": 3}], []]
    with pytest.raises(asyncpg.DataError):
        await found_by(database, shop, value, rows({"first": Text(), "second": Text()}, [(None, None)]))


@pytest.mark.parametrize("array", ["ARRAY['a', NULL]", "ARRAY[['a'], ['b']]"])
async def test_arrays_of_anything_but_texts_fail_the_statement(database: Database, shop: Shop, array: str) -> None:
    made = select(literal_column(array, ARRAY(Text())).label("tags"))
    with pytest.raises(asyncpg.PostgresError, match=r"invalid input syntax|multidimensional"):
        await documents(database, shop, (("value", JsonTexts("tags", required=False)),), made)


async def found_by(database: Database, shop: Shop, value: Any, statement: Select[Any]) -> list[Any]:
    """As ``values_of``, of a value that reads other rows."""
    found = await documents(database, shop, (("value", value),), statement, store=shop.live.store.number)
    return [each["value"] for each in found]


@pytest.mark.parametrize("made", [("a", None), ("a", 2**31), ("a", -(2**31) - 1)])
async def test_figures_that_are_not_as_promised_fail_the_statement(
    database: Database, shop: Shop, made: tuple[str, int | None]
) -> None:
    value = JsonFigure(figures(made), "key", "number", missing=0)
    with pytest.raises(asyncpg.DataError):
        await found_by(database, shop, value, rows({"key": Text()}, [("a",)]))
    with pytest.raises(asyncpg.DataError):
        await found_by(database, shop, value, rows({"key": Text()}, [(None,)]))


@pytest.mark.parametrize(
    ("value", "types", "row"),
    [
        (JsonInt("n", required=True), {"n": BigInteger()}, (None,)),
        (JsonInt("n", required=True), {"n": BigInteger()}, (2**31,)),
        (JsonInt("n", required=False), {"n": BigInteger()}, (-(2**31) - 1,)),
        (JsonTexts("t", required=True), {"t": ARRAY(Text())}, (None,)),
        (JsonNumberText("n", required=True), {"n": Integer()}, (None,)),
        (STORED, {"json": JSONB()}, (None,)),
        (STORED, {"json": JSONB()}, (["a", "b"],)),
        (STORED, {"json": JSONB()}, ({"a": "x"},)),
        (STORED, {"json": JSONB()}, ({"a": None, "b": None},)),
        (STORED, {"json": JSONB()}, ({"a": 1, "b": None},)),
        (STORED, {"json": JSONB()}, ({"a": "x", "b": ["y"]},)),
        (JsonTyped("kind", ((("a",), ()),)), {"kind": Text()}, ("z",)),
        (JsonTyped("kind", ((("a",), ()),)), {"kind": Text()}, (None,)),
        (
            JsonSingleton(JsonObject("text", NUMBER, required=False)),
            {"text": Text(), "n": Integer()},
            ("x", None),
        ),
    ],
)
async def test_what_is_not_as_promised_fails_the_statement(
    database: Database, shop: Shop, value: Any, types: Types, row: tuple[Any, ...]
) -> None:
    with pytest.raises(asyncpg.DataError):
        await values_of(database, shop, value, types, row)


@pytest.mark.parametrize(
    "value",
    [
        JsonTexts("n", True),
        JsonTexts("numbers", True),
        JsonInt("t", True),
        JsonNumberText("t", True),
        JsonTyped("n", ()),
    ],
)
def test_what_would_come_out_otherwise_cannot_be_said(value: Any) -> None:
    types: Types = {"n": Integer(), "t": Text(), "numbers": ARRAY(Integer())}
    row = select(*(cast(null(), type_).label(name) for name, type_ in types.items())).subquery()
    members: JsonFields = (("value", value),)
    with pytest.raises(NotPushableError):
        json_object(members, row.c)
