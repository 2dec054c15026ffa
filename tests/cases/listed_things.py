"""One thing of every type that has lists or takes arguments, so that no walk over the schema passes one over."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from domain.kernel.database import Database
from tests.conftest import Client, Shop
from tests.contract.test_made_up_inputs import ids as things
from tests.contract.webhook_fixtures import hook

__all__ = ["ids", "things"]


@pytest.fixture
async def ids(things: Mapping[str, str], rest: Client, database: Database, shop: Shop) -> Mapping[str, str]:
    """Their ids by prefix; the key is not the one that asks."""
    await rest("PUT", f"/v2/products/{things['prod']}", json={"categories": ["plates"]})
    category = (await rest("GET", "/v2/categories")).json()["data"][0]["id"]
    made = await rest("POST", "/v2/access/keys", json={"name": "other", "scopes": ["products:read"]})
    own = {"cat": category, "inv": f"inv_{things['prod']}", "key": made.json()["id"]}
    return {**things, **own, **await hook(database, shop.live)}
