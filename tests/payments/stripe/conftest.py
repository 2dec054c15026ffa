"""A scripted Stripe of each test's own, and the adapter that talks to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Mode, Plan, Store
from domain.payments.ports import EvidenceBundle, StripeCredentials
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.adapters.stripe import StripeProcessor
from gateway.app import build
from gateway.settings import Settings
from tests.payments.stripe.live_store import USD, LiveStore
from tests.payments.stripe.scripted import SECRET_KEY, ScriptedStripe, running_stripe

LIVE = Store(1, "store_of_a_test", "acct_of_a_test", "Shop", Mode.LIVE, "USD", Plan.ENTERPRISE)


class Adapter(StripeProcessor):
    """The adapter with the credentials and the evidence that a test sets."""

    def __init__(self, api_url: str, **limits: float) -> None:
        super().__init__(self._credentials_of, self._evidence_of, api_url=api_url, **limits)
        self.credentials = StripeCredentials(SECRET_KEY, raw_cards=True)
        self.bundle = EvidenceBundle({})
        self.asked: list[tuple[Store, str]] = []

    async def _credentials_of(self, store: Store) -> StripeCredentials:
        assert store == LIVE
        return self.credentials

    async def _evidence_of(self, store: Store, dispute_id: str) -> EvidenceBundle:
        self.asked.append((store, dispute_id))
        return self.bundle


@pytest.fixture
async def stripe() -> AsyncGenerator[ScriptedStripe]:
    async with running_stripe() as scripted:
        yield scripted


@pytest.fixture
async def adapter(stripe: ScriptedStripe) -> AsyncGenerator[Adapter]:
    made = Adapter(stripe.url)
    yield made
    await made.close()


@pytest.fixture
async def live(
    database_url: str, settings: Settings, make_shop: Any, stripe: ScriptedStripe
) -> AsyncGenerator[LiveStore]:
    """In dollars, as the scripted account."""
    shop = await make_shop(currency=USD)
    database = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS))
    await database.open()
    app = build(settings.model_copy(update={"stripe_api_url": stripe.url}), database)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        store = LiveStore(database, shop, http, stripe)
        await store.set_keys()
        yield store
    async with database.system_connection() as connection:  # gateways of whole runs would ask the real Stripe
        for table in ("payment", "payment_refund"):
            left = f"UPDATE {table} SET next_check_at = NULL WHERE store_id = $1 AND next_check_at IS NOT NULL"
            await connection.execute(left, shop.live.store.number)
    await database.dependency(StripeProcessor).close()
    await database.close()
