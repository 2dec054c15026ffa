"""One thing of every type that has lists or takes arguments, so that no walk over the schema passes one over."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from domain.kernel.database import Database
from domain.kernel.principal import Principal
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.contract.job_fixtures import queue
from tests.contract.oauth_fixtures import authorize
from tests.contract.payment_fixtures import charge
from tests.contract.shipping_fixtures import send
from tests.contract.test_made_up_inputs import fill_till, make_things, till
from tests.contract.webhook_fixtures import hook
from tests.store_copies import TemplateStores

__all__ = ["ids", "till"]


@pytest.fixture
async def ids(
    rest: Client,
    http: httpx.AsyncClient,
    database: Database,
    shop: Shop,
    make_key: MakeKey,
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    template_stores: TemplateStores,
) -> Mapping[str, str]:
    """Their ids by prefix; the key is not the one that asks."""

    async def make(owner: Principal) -> Mapping[str, str]:
        things = await make_things(owner, database, make_product, make_customer)
        client = Client(http, await make_key(owner))
        await client("PUT", f"/v2/products/{things['prod']}", json={"categories": ["plates"]})
        category = (await client("GET", "/v2/categories")).json()["data"][0]["id"]
        # Payments beside those of the test store, for the lists of this one.
        await charge(database, owner, things["ord"], things["item"])
        sent = await send(database, owner)
        return {
            **things,
            **sent,
            "cat": category,
            "inv": f"inv_{things['prod']}",
            **await hook(database, owner),
            **await queue(database, owner),
        }

    found = await template_stores.fill(shop.live, "listed things", make)
    paid = await fill_till(shop.test, database, make_product, template_stores)
    made = await rest("POST", "/v2/access/keys", json={"name": "other", "scopes": ["products:read"]})
    allowed = await authorize(database, shop.live)
    return {**paid, **found, "key": made.json()["id"], "cli": allowed["cli"], "grant": allowed["grant"]}
