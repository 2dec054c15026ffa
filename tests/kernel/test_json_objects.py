"""What the database writes as JSON is what we would write, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import BigInteger, ColumnElement, Integer, Select, Text, cast, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, dialect
from sqlalchemy.types import TypeEngine

from domain.kernel.database import Database
from domain.kernel.money import EXPONENTS, to_major
from domain.kernel.reads.json_objects import (
    ColumnKind,
    JsonColumn,
    JsonConstant,
    JsonEnum,
    JsonFields,
    JsonMoney,
    JsonObject,
    NotPushableError,
    json_object,
)
from domain.kernel.sql.tables import INSTANT
from schema.scalars import write_instant
from tests.conftest import Shop

Types = dict[str, TypeEngine[Any]]
AMOUNTS = (0, 1, -1, 99, 100, 123_456_789, 10**15)
TEXTS = ("", 'a "quoted" \\ slash', "\x01\x1f\x7f", "tab\tline\nend", "Ünïcødé 🙂 \u2028", "</script>")
MOMENTS = (
    datetime(2026, 1, 15, 10, 30, tzinfo=UTC),
    datetime(1, 1, 1, 0, 0, 0, 1000, UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
)
WORDS = {"active": "ACTIVE", "off": "OFF"}


def rows(types: Types, values: Sequence[Sequence[Any]]) -> Select[Any]:
    """Rows made up for the purpose."""
    each = [
        select(*(_literal(value, type_).label(name) for value, (name, type_) in zip(row, types.items(), strict=True)))
        for row in values
    ]
    return select(union_all(*each).subquery("made"))


def _literal(value: Any, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    if isinstance(type_, JSONB):
        value = None if value is None else orjson.dumps(value).decode()
        return cast(literal(value, Text()), JSONB)
    if isinstance(type_, TIMESTAMP):
        return cast(literal(None if value is None else value.isoformat(), Text()), INSTANT)
    return cast(literal(value, type_), type_)


async def documents(database: Database, shop: Shop, members: JsonFields, made: Select[Any], **values: Any) -> list[Any]:
    """Their objects; ``values`` are those of parameters."""
    source = made.subquery("source")
    statement = (
        select(json_object(members, source.c))
        .select_from(source)
        .params(**values)
        .compile(dialect=dialect(), compile_kwargs={"literal_binds": True})
    )
    async with database.read_connection(shop.live.store) as reader:
        found = await reader._connection.fetch(str(statement))
    return [orjson.loads(each["document"]) for each in found]


async def test_every_kind_of_value_is_written_as_we_write_it(database: Database, shop: Shop) -> None:
    types: Types = {"text": Text(), "whole": Integer(), "long": BigInteger(), "moment": INSTANT, "json": JSONB()}
    values = [(text, -(2**31), 2**63 - 1, moment, {"a": [1.5, None, text]}) for text in TEXTS for moment in MOMENTS]
    members: JsonFields = (
        ("__typename", JsonConstant("Made")),
        ("text", JsonColumn("text", ColumnKind.TEXT, required=True)),
        ("whole", JsonColumn("whole", ColumnKind.INTEGER, required=True)),
        ("long", JsonColumn("long", ColumnKind.LONG, required=True)),
        ("moment", JsonColumn("moment", ColumnKind.INSTANT, required=True)),
        ("json", JsonColumn("json", ColumnKind.JSON, required=True)),
    )
    found = await documents(database, shop, members, rows(types, values))
    assert found == [
        {
            "__typename": "Made",
            "text": text,
            "whole": whole,
            "long": long,
            "moment": write_instant(moment),
            "json": json,
        }
        for text, whole, long, moment, json in values
    ]


async def test_amounts_have_the_digits_of_their_currency(database: Database, shop: Shop) -> None:
    types: Types = {"price": BigInteger(), "currency": Text()}
    values = [(amount, code) for code in EXPONENTS for amount in AMOUNTS]
    found = await documents(database, shop, (("amount", JsonMoney("price", "currency")),), rows(types, values))
    assert found == [{"amount": f"{to_major(amount, code):f}"} for amount, code in values]


async def test_what_may_be_null_is_null(database: Database, shop: Shop) -> None:
    types: Types = {"text": Text(), "moment": INSTANT, "json": JSONB(), "price": BigInteger(), "currency": Text()}
    members: JsonFields = (
        ("text", JsonColumn("text", ColumnKind.TEXT, required=False)),
        ("word", JsonEnum("text", WORDS, required=False)),
        ("moment", JsonColumn("moment", ColumnKind.INSTANT, required=False)),
        ("json", JsonColumn("json", ColumnKind.JSON, required=False)),
        ("price", JsonObject("price", (("amount", JsonMoney("price", "currency")),), required=False)),
    )
    nothing = dict.fromkeys(("text", "word", "moment", "json", "price"))
    found = await documents(database, shop, members, rows(types, [(None,) * 5, ("off", None, None, 5, "JPY")]))
    assert found == [nothing, {**nothing, "text": "off", "word": "OFF", "price": {"amount": "5"}}]
    assert await documents(database, shop, members[3:4], _null_document()) == [{"json": None}]


def _null_document() -> Select[Any]:
    return select(cast(literal("null", Text()), JSONB).label("json"))


@pytest.mark.parametrize(
    ("value", "types", "row"),
    [
        (JsonColumn("text", ColumnKind.TEXT, required=True), {"text": Text()}, (None,)),
        (JsonColumn("moment", ColumnKind.INSTANT, required=True), {"moment": INSTANT}, (None,)),
        (JsonColumn("json", ColumnKind.JSON, required=True), {"json": JSONB()}, (None,)),
        (JsonEnum("text", WORDS, required=True), {"text": Text()}, ("lost",)),
        (JsonEnum("text", WORDS, required=True), {"text": Text()}, (None,)),
        (JsonEnum("text", WORDS, required=False), {"text": Text()}, ("lost",)),
        (JsonMoney("price", "currency"), {"price": BigInteger(), "currency": Text()}, (5, "XXX")),
        (JsonMoney("price", "currency"), {"price": BigInteger(), "currency": Text()}, (None, "GBP")),
        (JsonObject("price", (), required=True), {"price": BigInteger()}, (None,)),
    ],
)
async def test_what_is_not_as_promised_fails_the_statement(
    database: Database, shop: Shop, value: Any, types: Types, row: tuple[Any, ...]
) -> None:
    with pytest.raises(asyncpg.DataError):
        await documents(database, shop, (("value", value),), rows(types, [row]))


async def test_a_document_that_is_null_where_none_may_be_fails_the_statement(database: Database, shop: Shop) -> None:
    with pytest.raises(asyncpg.DataError):
        await documents(
            database, shop, (("json", JsonColumn("json", ColumnKind.JSON, required=True)),), _null_document()
        )


@pytest.mark.parametrize(
    "members",
    [
        (("value", JsonColumn("long", ColumnKind.INTEGER, required=True)),),
        (("value", JsonColumn("long", ColumnKind.TEXT, required=True)),),
        (("value", JsonColumn("precise", ColumnKind.INSTANT, required=True)),),
        (("value", JsonColumn("other", ColumnKind.TEXT, required=True)),),
        (("value", JsonConstant("it's")),),
        tuple((f"value{number}", JsonConstant("x")) for number in range(51)),
    ],
)
def test_what_would_come_out_otherwise_cannot_be_said(members: JsonFields) -> None:
    types: Types = {"long": BigInteger(), "precise": TIMESTAMP(timezone=True)}
    row = select(*(cast(literal(None), type_).label(name) for name, type_ in types.items())).subquery()
    with pytest.raises(NotPushableError):
        json_object(members, row.c)
