"""The corpus of real operations: graphql-core, plans, and plans whose rows the database writes answer it alike."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

import orjson
import pytest

from benchmarks.corpus.leaves import count, leaves_of
from benchmarks.corpus.operations import CorpusOperation, corpus
from benchmarks.corpus.values import Value, always, fill_in, shop_values
from benchmarks.environment import ground
from benchmarks.shop import Size
from domain import access
from domain.kernel.event_log import EventLog
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.execution import GraphQLResponse
from tests.execution.comparison import agree
from tests.execution.conftest import MISSING, Court
from tests.execution.test_engine_parity import comparable
from tests.shared_pools import shared_database

SIZE = Size(products=60, customers=30, orders=80)
OPERATIONS = {operation.name: operation for operation in corpus()}
READS = sorted(name for name, each in OPERATIONS.items() if not each.writes)
WRITES = sorted(name for name, each in OPERATIONS.items() if each.writes)
_SAMPLES = """{ product(sku: "MUG-001") { id variants { id } } categories(first: 1) { nodes { id slug } }
  customers(first: 1) { nodes { id } } orders(first: 1) { nodes { id } } warehouses(first: 1) { nodes { id } }
  pending: orders(filter: {status: [PENDING]}, first: 1) { nodes { id items { id } } } }"""


@pytest.fixture(scope="module")
async def measured(server_url: str) -> AsyncGenerator[Court]:
    """The shop that is measured, small."""
    async with ground(SIZE, server_url) as stand:
        read: list[str] = []
        database = shared_database(stand.database_url, observer=read.append, reactions=SIGNAL_HANDLERS)
        await database.open()
        yield Court(database, access.system_principal(stand.store), EventLog(database), [], "", read)
        await database.close()


@pytest.fixture(scope="module")
async def sample_values(court: Court) -> Mapping[str, Value]:
    """What the operations ask for in the sample shop."""
    judged, _ = await court.answers(court.documents.operation(_SAMPLES, None), {})
    found = orjson.loads(judged.body)["data"]
    product, (category,) = found["product"], found["categories"]["nodes"]
    (pending,) = found["pending"]["nodes"]
    names = {
        "category": category["id"],
        "category_slug": category["slug"],
        "webhook": MISSING[0],
        "word": "mug",
        "number": "1",
        "moved_order": pending["id"],
        "edited_order": pending["id"],
        "edited_item": pending["items"][0]["id"],
        **{name: found[f"{kind}s"]["nodes"][0]["id"] for name, kind in _LISTED.items()},
        **dict.fromkeys(("product", "changed_product"), product["id"]),
        **dict.fromkeys(("changed_variant", "bought_0", "bought_1", "bought_2"), product["variants"][0]["id"]),
    }
    return {name: always(value) for name, value in names.items()}


_LISTED = {"customer": "customer", "buyer": "customer", "order": "order", "warehouse": "warehouse"}


async def read_alike(court: Court, asked: CorpusOperation, values: Mapping[str, Value]) -> object:
    """The data that all engines answer; nothing failed."""
    variables = fill_in(asked.variables, values, 1)
    operation = court.documents.operation(asked.document, None)
    judged, planned = await court.answers(operation, variables)
    assert agree(operation, planned, judged), (planned, judged, asked.name)
    assert not judged.failures
    return orjson.loads(judged.body)


async def write_alike(court: Court, asked: CorpusOperation, values: Mapping[str, Value]) -> None:
    """All engines make the change, and say the same of it."""
    operation = court.documents.operation(asked.document, None)
    judged, planned = await court.changes(operation, fill_in(asked.variables, values, 1))
    answers = [_without_number(comparable(answer, court)) for answer in (planned, judged)]
    assert agree(operation, *answers), answers
    assert b'"userErrors":[]' in judged.body


def _without_number(answer: GraphQLResponse) -> GraphQLResponse:
    """Each order draws a number of its own, whether it is kept or not."""
    return replace(answer, body=re.sub(rb'"number":"\d+"', b'"number":""', answer.body))


@pytest.mark.parametrize("name", READS)
async def test_reads_over_the_measured_shop_have_equal_answers(measured: Court, name: str) -> None:
    answered = await read_alike(measured, OPERATIONS[name], shop_values(SIZE))
    assert count(leaves_of(answered)) > 5


@pytest.mark.parametrize("name", READS)
async def test_reads_over_the_sample_shop_have_equal_answers(
    court: Court, sample_values: Mapping[str, Value], name: str
) -> None:
    await read_alike(court, OPERATIONS[name], sample_values)


@pytest.mark.parametrize("name", WRITES)
async def test_writes_over_the_measured_shop_have_equal_answers(measured: Court, name: str) -> None:
    await write_alike(measured, OPERATIONS[name], shop_values(SIZE))


@pytest.mark.parametrize("name", WRITES)
async def test_writes_over_the_sample_shop_have_equal_answers(
    court: Court, sample_values: Mapping[str, Value], name: str
) -> None:
    await write_alike(court, OPERATIONS[name], sample_values)
