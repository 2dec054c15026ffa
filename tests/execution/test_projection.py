"""Projection: what comes again is read without the columns that nobody shows."""

from __future__ import annotations

import re

import pytest

from gateway.execution import CompiledEngine
from gateway.execution.plan import FallbackReason
from tests.execution.comparison import told
from tests.execution.conftest import Court


async def columns(court: Court, text: str, engine: CompiledEngine) -> list[str]:
    """What each statement selects."""
    court.read.clear()
    await court.answer(engine, court.documents.operation(text, None), {})
    return [each.partition("FROM")[0] for each in court.read]


async def test_columns_that_nobody_shows_are_not_read(court: Court) -> None:
    text = "{ products { nodes { sku tags images { url } } totalCount } }"
    listed, *others = await columns(court, text, court.pushing)
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
    found = await columns(court, text, court.pushing)
    products = [re.findall(r"product\.(\w+)", each) for each in found if "product.name" in each]
    assert products == [["id", "name", "status"]]
    judged, planned = await court.answers(court.documents.operation(text, None), {})
    assert told(planned) == told(judged)


async def test_wide_columns_that_nobody_shows_are_never_read(court: Court) -> None:
    text = "{ products { nodes { sku variants { sku } } } customers { nodes { email } } events { nodes { id } } }"
    for engine in (court.judge, CompiledEngine(patience=2)):
        court.read.clear()
        await court.answer(engine, court.documents.operation(text, None), {})
        found = " ".join(each.partition("FROM")[0] for each in court.read)
        assert not re.findall(r"\w+\.(description|metadata|attributes|snapshot)", found), engine


async def test_rows_of_several_types_are_read_whole(court: Court) -> None:
    ids = [next(each for each in court.ids if each.startswith(prefix)) for prefix in ("prod_", "ord_")]
    text = f'{{ nodes(ids: ["{ids[0]}", "{ids[1]}"]) {{ id ... on Product {{ name }} }} }}'
    found = await columns(court, text, court.pushing)
    assert all("metadata" in each for each in found)


async def test_an_operation_that_does_not_come_again_shares_the_statements_of_all(court: Court) -> None:
    engine = CompiledEngine(patience=2)
    text = "{ products { nodes { sku tags } } }"
    assert ["product.status" in each for _ in range(4) for each in await columns(court, text, engine)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("patience", [0, -1])
async def test_what_is_wrong_with_a_row_is_told_without_reading_it_again(damaged: Court, patience: int) -> None:
    reasons: list[FallbackReason] = []
    engine = CompiledEngine(fell_back=reasons.append, patience=patience)
    text = "{ products(first: 50) { nodes { tags name status variants { sku product { name } } } } }"
    found = await columns(damaged, text, engine)
    assert len(found) == 3
    assert reasons == [FallbackReason.SURPRISE]
