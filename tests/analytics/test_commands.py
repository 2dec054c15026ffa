"""``gateway analytics``: operators rebuild and check the figures of a store."""

from __future__ import annotations

import pytest

from domain import orders
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from domain.orders.commands import OrderItemInput
from tests.analytics.conftest import Fold, stored_sales
from tests.conftest import Do, MakeProduct, Shop
from tests.gateway.command import gateway_here


@pytest.mark.parametrize("mode", ["live", "test"])
async def test_figures_are_checked_and_rebuilt(
    database: Database, database_url: str, shop: Shop, do: Do, make_product: MakeProduct, fold: Fold, mode: str
) -> None:
    """Fails when a command looks at the other store, and when the check exits with 0 in any case."""
    owner = shop.live if mode == "live" else shop.test
    product = await make_product(owner, variants=(VariantInput(sku="MUG", inventory=10),))
    line = OrderItemInput(product_id=product.id, quantity=2)
    await do(orders.create_order, owner, items=(line,), email="guest@example.com")
    await fold()

    def run(command: str) -> tuple[int, str]:
        words = ("analytics", command, "--account", owner.store.name, "--mode", mode)
        done = gateway_here(*words, GATEWAY_DATABASE_URL=database_url)
        return done.returncode, done.stdout

    assert run("check") == (0, "The figures agree with the orders.\n")
    async with database.system_connection() as connection:
        await connection.execute("UPDATE sale_line SET net = net - 100 WHERE store_id = $1", owner.store.number)
    code, text = run("check")
    assert code == 1
    assert text.splitlines()[0].endswith("line 0: net 900, should be 1000")
    assert "3 differences. Run `gateway analytics rebuild` to correct them." in text
    assert run("rebuild") == (0, "1 orders were read.\n")
    assert run("check")[0] == 0
    assert [sale.net for sale in await stored_sales(database, owner.store.number)] == [1000]


def test_an_unknown_account_is_refused(database_url: str) -> None:
    done = gateway_here("analytics", "check", "--account", "Nobody", GATEWAY_DATABASE_URL=database_url)
    assert (done.returncode, done.stdout) == (2, "")
