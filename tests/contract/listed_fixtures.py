"""A shop made at random, with everything that is in lists. GATEWAY_TEST_SEED repeats it."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest

from domain import access
from domain.access.commands import CreateApiKey
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from tests.conftest import Client, open_shop
from tests.contract.listed_areas import AREAS
from tests.contract.listed_jobs import JOB_AREAS, fill_jobs
from tests.contract.listed_oauth import OAUTH_AREAS, fill_oauth
from tests.contract.listed_payments import PAYMENT_AREAS, fill_payments
from tests.contract.listed_shipping import SHIPPING_AREAS, fill_shipping
from tests.contract.listed_shop import Area, fill
from tests.contract.listed_stock import STOCK_AREAS, fill_stock

SEED = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
ALL_AREAS = (*AREAS, *PAYMENT_AREAS, *STOCK_AREAS, *SHIPPING_AREAS, *OAUTH_AREAS, *JOB_AREAS)


@dataclass(frozen=True)
class Listed:
    """A shop, its lists, and a client of it."""

    areas: Mapping[str, Area]
    client: Client
    owner: Principal


@pytest.fixture(scope="session")
async def listed(database: Database, http: httpx.AsyncClient) -> Listed:
    """The shop, made once for all that look at it."""
    print(f"GATEWAY_TEST_SEED={SEED}")
    owner = (await open_shop(database, f"Listed {SEED}")).live
    async with database.transaction(owner) as work:
        key = await access.create_key(work, owner, CreateApiKey(name="test", scopes=("all",)))
    await fill(database, owner, random.Random(SEED))
    await fill_payments(database, owner, random.Random(SEED))
    await fill_stock(database, owner, random.Random(SEED))
    await fill_shipping(database, owner, random.Random(SEED))
    await fill_oauth(database, owner, random.Random(SEED))
    await fill_jobs(database, owner, random.Random(SEED))
    areas = {make.__name__: await make(database, owner) for make in ALL_AREAS}
    return Listed(areas, Client(http, key.secret), owner)
