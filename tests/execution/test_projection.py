"""Projection: what comes again is read without the columns that nobody shows."""

from __future__ import annotations

import re

import pytest
from graphql.execution.values import VariableValues

from gateway.execution import CompiledEngine
from gateway.execution.plan import FallbackReason
from gateway.execution.projection import project_columns
from tests.execution.comparison import told
from tests.execution.conftest import NEVER, Court


async def columns(court: Court, text: str, engine: CompiledEngine) -> list[str]:
    """What each statement selects."""
    court.read.clear()
    await court.answer(engine, court.documents.operation(text, None), {})
    return [each.partition("FROM")[0] for each in court.read]


def projecting(court: Court, text: str) -> CompiledEngine:
    """An engine that writes all rows of the operation itself, and reads only what it shows."""
    engine = CompiledEngine(pushdown_after=NEVER)
    project_columns(engine.plans.of(court.documents.operation(text, None), VariableValues({}, {})).plan)
    return engine


async def test_columns_that_nobody_shows_are_not_read(court: Court) -> None:
    text = "{ products { nodes { sku tags images { url } } totalCount } }"
    listed, *others = await columns(court, text, projecting(court, text))
    assert re.findall(r"product\.(\w+)", listed) == [
        "created_at",
        "id",
        "name_key",
        "price",
        "sku",
        "tags",
        "updated_at",
    ]
    assert sorted(re.findall(r"product_image\.(\w+)", "".join(others))) == ["product_id", "url"]


async def test_a_read_that_is_used_twice_has_the_columns_of_both(court: Court) -> None:
    text = "{ orders(first: 2) { nodes { number items { product { name variants { sku product { status } } } } } } }"
    found = await columns(court, text, projecting(court, text))
    products = [re.findall(r"product\.(\w+)", each) for each in found if "product.name" in each]
    assert products == [["id", "name", "status"]]
    judged, planned = await court.answers(court.documents.operation(text, None), {})
    assert told(planned) == told(judged)


async def test_wide_columns_that_nobody_shows_are_never_read(court: Court) -> None:
    text = "{ products { nodes { sku variants { sku } } } customers { nodes { email } } events { nodes { id } } }"
    for engine in (court.judge, CompiledEngine(pushdown_after=2)):
        court.read.clear()
        await court.answer(engine, court.documents.operation(text, None), {})
        found = " ".join(each.partition("FROM")[0] for each in court.read)
        assert not re.findall(r"\w+\.(description|metadata|attributes|snapshot)", found), engine


async def test_rows_of_several_types_are_read_with_what_each_type_shows(court: Court) -> None:
    ids = [next(each for each in court.ids if each.startswith(prefix)) for prefix in ("prod_", "ord_")]
    text = f'{{ nodes(ids: ["{ids[0]}", "{ids[1]}"]) {{ id ... on Product {{ name images {{ url }} }} }} }}'
    found = await columns(court, text, projecting(court, text))
    assert sorted(re.findall(r"(?:product|sales_order)\.\w+", " ".join(found))) == [
        "product.id",
        "product.name",
        "sales_order.id",
    ]
    await court.answers(court.documents.operation(text, None), {})


async def test_events_are_read_with_the_columns_that_any_type_shows(court: Court) -> None:
    text = "{ events(first: 3) { nodes { id ... on OrderCreated { order { number } } } } }"
    listed, *_ = await columns(court, text, projecting(court, text))
    assert sorted(re.findall(r"event\.(\w+)", listed)) == ["id", "object_id", "position", "type"]


async def test_lists_of_rows_are_read_once_with_the_columns_of_all_that_show_them(court: Court) -> None:
    text = """{ customers(first: 3) { nodes { email orders(first: 2) { nodes { number } }
      again: orders(first: 2) { nodes { tags } totalCount } } } }"""
    _, *others = await columns(court, text, projecting(court, text))
    pages = [each for each in others if "page" in each]
    assert [sorted(re.findall(r"page\.(\w+)", each)) for each in pages] == [
        ["created_at", "id", "number", "tags", "total", "updated_at"]
    ]


async def test_an_operation_that_does_not_come_again_shares_the_statements_of_all(court: Court) -> None:
    engine = CompiledEngine(pushdown_after=2)
    text = "{ shop { id } orders { nodes { events { nodes { id snapshot: sequence } } } } }"
    found = []
    for _ in range(4):
        found += ["sales_order.email" in each for each in await columns(court, text, engine) if "sales_order" in each]
        await engine.preparer.finish()
    assert found == [True, True, True, False]


@pytest.mark.parametrize(("pushdown_after", "statements"), [(0, 4), (NEVER, 3)])
async def test_what_is_wrong_with_a_row_is_told_without_reading_it_again(
    damaged: Court, pushdown_after: int, statements: int
) -> None:
    reasons: list[FallbackReason] = []
    engine = CompiledEngine(fell_back=reasons.append, pushdown_after=pushdown_after)
    text = "{ products(first: 50) { nodes { tags name status variants { sku product { name } } } } }"
    found = await columns(damaged, text, engine)
    assert len(found) == statements
    assert reasons == [FallbackReason.SURPRISE]
