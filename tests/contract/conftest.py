"""The large shop, made once for all that look at how the database reads it."""

from __future__ import annotations

import pytest

from domain import access
from domain.kernel.database import Database
from domain.kernel.principal import Mode, Plan
from tests.contract.big_shop import BigShop, fill
from tests.contract.listed_fixtures import listed

__all__ = ["listed"]


@pytest.fixture(scope="session")
async def big_shop(database: Database, database_url: str) -> BigShop:
    """The large shop, made once."""
    owners = []
    for name in ("Large", "Small"):
        async with database.admin_transaction() as administration:
            stores = await access.create_account(
                administration, database.clock(), name=f"{name} shop", plan=Plan.FREE, currency="GBP"
            )
        owners.append(access.system_principal(stores[Mode.LIVE]))
    return await fill(database_url, *owners)
