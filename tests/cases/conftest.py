"""A shop in which every resource there is can be named."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.catalog.commands import ImageInput, VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.contract.job_fixtures import queue
from tests.contract.store_fixtures import sell
from tests.contract.test_parity import callers, open_side, sides  # noqa: F401 - fixtures of these tests too
from tests.contract.webhook_fixtures import hook
from tests.orders.conftest import rows  # noqa: F401 - fixtures of these tests too
from tests.store_copies import TemplateStores

Ids = dict[str, str]
HOME = CustomerAddressInput(line1="1 Old Road", city="York", country="GB", default_shipping=True)
OFFICE = CustomerAddressInput(line1="2 Old Road", city="York", country="GB", default_billing=True)
MULE_RATE = {"zone": "all", "weight_from": 0, "weight_to": 30, "price": 4.95}
MULE = {"code": "slow", "name": "Slow", "min_days": 1, "max_days": 3, "rates": [MULE_RATE]}


@pytest.fixture
async def ids(
    database: Database,
    http: httpx.AsyncClient,
    shop: Shop,
    make_key: MakeKey,
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    template_stores: TemplateStores,
) -> Ids:
    """The ids of one of everything, by their prefix: a product of two variants (10 of TEE-S, 10 of TEE-L), a customer
    with orders and a draft, warehouses, an endpoint. ``default``: the warehouse that never said its country."""

    async def make(owner: Principal) -> Ids:
        client = Client(http, await make_key(owner))
        known = await _make_tee(owner, make_product)
        jane = await make_customer(owner, email="jane@example.com", first_name="Jane", addresses=(HOME, OFFICE))
        known["cat"] = (await client("GET", "/v2/categories")).json()["data"][0]["id"]
        known |= {"cust": jane.id, "addr": jane.addresses[0].id}
        known |= await sell(database, owner, "TEE-S", jane.id)
        known |= await hook(database, owner)
        known |= await queue(database, owner)
        place = {"name": "Second", "country": "FR", "state": "Alsace"}
        known["default"] = (await client("GET", "/v2/warehouses")).json()["data"][0]["id"]
        known["wh"] = (await client("POST", "/v2/warehouses", json=place)).json()["id"]
        carrier = {"code": "mule", "name": "Mule", "weight_unit": "kg", "zones": [{"code": "all"}], "services": [MULE]}
        known["carr"] = (await client("POST", "/v2/shipping/carriers", json=carrier)).json()["id"]
        return known

    found = await template_stores.fill(shop.live, "one of everything", make)
    client = Client(http, await make_key(shop.live))
    key = {"name": "Storefront", "scopes": ["products:read"]}
    return {**found, "key": (await client("POST", "/v2/access/keys", json=key)).json()["id"]}


async def _make_tee(owner: Principal, make_product: MakeProduct) -> Ids:
    tee = await make_product(
        owner,
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
    return {"prod": tee.id, "var": tee.variants[0].id, "img": tee.images[0].id}


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
