"""A shop in which every resource there is can be named."""

from __future__ import annotations

from typing import Any

import pytest

from domain.catalog.commands import ImageInput, VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.database import Database
from domain.kernel.money import Money
from tests.conftest import Client, MakeCustomer, MakeProduct, Shop
from tests.contract.store_fixtures import sell
from tests.contract.test_parity import sides  # noqa: F401 - a fixture of these tests too
from tests.contract.webhook_fixtures import hook
from tests.orders.conftest import do, rows  # noqa: F401 - fixtures of these tests too

Ids = dict[str, str]
HOME = CustomerAddressInput(line1="1 Old Road", city="York", country="GB", default_shipping=True)
OFFICE = CustomerAddressInput(line1="2 Old Road", city="York", country="GB", default_billing=True)


@pytest.fixture
async def ids(
    database: Database, shop: Shop, rest: Client, make_product: MakeProduct, make_customer: MakeCustomer
) -> Ids:
    """The ids of one of everything, by their prefix: a product of two variants (10 of TEE-S, 10 of TEE-L), a customer
    with orders and a draft, warehouses, an endpoint. ``default``: the warehouse that never said its country."""
    tee = await make_product(
        name="Tee",
        sku="TEE",
        categories=("clothes",),
        tags=("new",),
        metadata={"lot": {"no": 7}, "none": None},
        images=(ImageInput(url="https://a.example/1", alt="Front"), ImageInput(url="https://a.example/2")),
        variants=(
            VariantInput(sku="TEE-S", inventory=10, cost=Money(150, "GBP"), attributes={"size": "S"}),
            VariantInput(sku="TEE-L", inventory=10, price=Money(700, "GBP"), image="https://a.example/2"),
        ),
    )
    jane = await make_customer(email="jane@example.com", first_name="Jane", addresses=(HOME, OFFICE))
    shelf = (await rest("GET", "/v2/categories")).json()["data"][0]["id"]
    known = {"cat": shelf, "prod": tee.id, "var": tee.variants[0].id, "img": tee.images[0].id}
    known |= {"cust": jane.id, "addr": jane.addresses[0].id}
    known |= await sell(database, shop.live, "TEE-S", jane.id)
    known |= await hook(database, shop.live)
    place = {"name": "Second", "country": "FR", "state": "Alsace"}
    known["default"] = (await rest("GET", "/v2/warehouses")).json()["data"][0]["id"]
    known["wh"] = (await rest("POST", "/v2/warehouses", json=place)).json()["id"]
    return known


async def stock_of(rest: Client, sku: str) -> tuple[int, int]:
    """What is available of it everywhere, and how many movements there were."""
    document = (await rest("GET", f"/v2/inventory/{sku}")).json()
    moved = (await rest("GET", f"/v2/inventory/{sku}/movements")).json()["pagination"]["total_items"]
    return document["total_available"], moved


def address(path: str, kinds: Any, ids: Ids) -> str:
    """The path of an endpoint with the ids filled in."""
    for name, kind in kinds.items():
        path = path.replace(f"{{{name}}}", ids[kind.prefix])
    return f"/v2{path}"
