"""Operations that are valid and ask for very much: each is refused or answered without holding the event loop."""

from __future__ import annotations

import secrets

import pytest

from domain import access, catalog
from domain.catalog.commands import CreateProduct, VariantInput
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan, Principal
from gateway.execution import Code
from tests.conftest import MakeKey
from tests.gateway.conftest import Serving
from tests.gateway.hostile.corpus import many
from tests.gateway.hostile.heartbeat import beating, check
from tests.gateway.hostile.transports import TRANSPORTS, Get, Transport

VARIANTS = "variants { id sku attributes product { description metadata } }"
TYPES = "fragment F on __Type { name description fields { name args { name type { name ofType { name } } } } }"
LARGE = {
    "documents under aliases": "{ products { nodes { " + many("a#: variants { attributes }", 45) + " } } }",
    "texts under aliases": "{ products { nodes { " + many("a#: description", 49) + " } } }",
    "rows that are shared": "{ products { nodes { variants { product { " + many("a#: description", 40) + " } } } } }",
    "long names": "{ products { nodes { variants { " + "a" * 300_000 + ": sku } } } }",
    "twenty lists": "{ " + many("a#: products(first: 20) { nodes { " + VARIANTS + " } }", 2) + " }",
    "snapshots under aliases": "{ "
    + many("a#: events(first: 200) { nodes { ... on ProductCreated { product { " + VARIANTS + " } } } }", 3)
    + " }",
    "snapshots that nobody shows": "{ " + many("a#: events(first: 200) { nodes { id type } }", 20) + " }",
    "introspection under aliases": "{ __schema { " + many("a#: types { ...F }", 49) + " } } " + TYPES,
    "introspection of root fields": "{ " + many("a#: __schema { types { ...F } }", 20) + " } " + TYPES,
    "types within types": "{ "
    + many('a#: __type(name: "Query") { fields { type { fields { ...A } } } }', 20)
    + " } fragment A on __Field { name args { type { name } } type { possibleTypes { name } } }",
}
"""What reads, or answers, or looks into too much, or nearly."""


@pytest.fixture(scope="session")
async def large_shop(database: Database) -> Principal:
    """A shop of 40 large products."""
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name=f"Large {secrets.token_hex(4)}", plan=Plan.ENTERPRISE, currency="GBP"
        )
    principal = access.system_principal(stores[Mode.LIVE])
    for number in range(40):
        variants = tuple(
            VariantInput(
                sku=f"L{number}-{each}", price=Money(500, "GBP"), attributes={f"k{n}": "z" * 250 for n in range(20)}
            )
            for each in range(20)
        )
        command = CreateProduct(
            name="Large",
            sku=f"L{number}",
            price=Money(500, "GBP"),
            description="y" * 20_000,
            metadata={f"k{n}": "m" * 300 for n in range(50)},
            variants=variants,
        )
        async with database.transaction(principal) as work:
            await catalog.create_product(work, principal, command)
    return principal


@pytest.fixture(params=TRANSPORTS)
async def large_transport(
    request: pytest.FixtureRequest, counted: Serving, large_shop: Principal, make_key: MakeKey
) -> Transport:
    """Each way to ask in turn, of the large shop."""
    return TRANSPORTS[request.param](counted, await make_key(large_shop))


@pytest.mark.parametrize("name", LARGE)
async def test_a_large_operation_is_refused_or_answered_without_holding_the_loop(
    large_transport: Transport, name: str
) -> None:
    if isinstance(large_transport, Get) and not large_transport.fits(LARGE[name]):
        return
    async with beating() as heart:
        answer = await large_transport.ask(LARGE[name])
    check(heart)
    if answer.errors:
        assert answer.codes <= {Code.LIMIT_EXCEEDED, Code.UNAVAILABLE, Code.VALIDATION_FAILED}, answer.errors
        unnumbered = {Code.UNAVAILABLE, Code.VALIDATION_FAILED}  # introspection that turns in a circle is not counted
        assert all(
            "limit" in error["extensions"] or error["extensions"]["code"] in unnumbered for error in answer.errors
        )
        assert "data" not in answer.body
    else:
        assert answer.body["data"]
