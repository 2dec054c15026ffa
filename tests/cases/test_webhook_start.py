"""Since when an endpoint hears."""

from __future__ import annotations

import secrets

import pytest

from domain import catalog, webhooks
from domain.catalog.commands import CreateProduct
from domain.kernel.money import Money
from tests.webhooks.conftest import Hooks, hooks, hooks_url, sink  # noqa: F401 - fixtures


def product() -> CreateProduct:
    return CreateProduct(name="Mug", sku=f"SKU-{secrets.token_hex(6)}", price=Money(500, "GBP"))


async def made(hooks: Hooks) -> str:  # noqa: F811 - the fixture's value
    """A product, committed, whose event has no position yet: as another process leaves it."""
    async with hooks.database.transaction(hooks.owner) as work:
        return (await catalog.create_product(work, hooks.owner, product())).id


async def heard(hooks: Hooks) -> set[str]:  # noqa: F811
    return {row["object_id"] for row in await hooks.rows()}


async def test_a15_an_endpoint_hears_only_of_what_was_committed_after_it_was_made(hooks: Hooks) -> None:  # noqa: F811
    """By commits, not by clocks or by when a transaction began to write. Taken out: the snapshot in ``_SELECT``; the
    first event is delivered. A comparison of ``seq`` instead loses the second."""
    await made(hooks)
    async with hooks.database.transaction(hooks.owner) as under_way:
        late = (await catalog.create_product(under_way, hooks.owner, product())).id
        await under_way.flush()  # its seq is drawn before the endpoint is there, its commit comes after
        await hooks.listen()
    after = await made(hooks)
    await hooks.place()
    assert await heard(hooks) == {late, after}


async def test_a15_so_does_one_that_is_made_active_again(hooks: Hooks) -> None:  # noqa: F811
    """Of what happened while it was not, nothing is sent. Taken out: ``_hear_from_now_on``."""
    webhook = await hooks.listen()
    await hooks.do(webhooks.update_webhook, id=webhook, active=False)
    await made(hooks)
    await hooks.do(webhooks.update_webhook, id=webhook, active=True)
    after = await made(hooks)
    await hooks.place()
    assert await heard(hooks) == {after}


@pytest.mark.parametrize("known", [True, False])
async def test_a15_in_a_database_restored_into_another_server_all_is_heard(hooks: Hooks, known: bool) -> None:  # noqa: F811
    """There transactions are numbered anew, so an old snapshot would take every new one for over. Taken out: the look
    at ``heard_seq``."""
    await hooks.listen()
    async with hooks.database.system_connection() as connection:
        await connection.execute("UPDATE webhook SET heard_from = '99999999999:99999999999:'")
    after = await made(hooks)
    if not known:
        async with hooks.database.system_connection() as connection:
            await connection.execute("UPDATE event SET xact = NULL WHERE object_id = $1", after)
            await connection.execute("UPDATE webhook SET heard_seq = 9223372036854775807")
    await hooks.place()
    assert await heard(hooks) == {after}
