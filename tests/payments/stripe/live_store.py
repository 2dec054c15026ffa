"""A live store whose processor is the scripted Stripe, through the gateway's own doors."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import stripe as library

from domain import payments
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.use_cases.records import Records
from domain.payments.commands import PaymentMethodDetailsInput, UpdatePaymentSettings
from domain.payments.model import Dispute, Refund
from tests.conftest import Shop
from tests.payments.conftest import call, reconcile
from tests.payments.stripe.objects import Object, event
from tests.payments.stripe.scripted import SECRET_KEY, ScriptedStripe

SECRET = "whsec_ofALiveStore"
USD = "USD"


class LiveStore:
    """A live store whose processor is the scripted Stripe."""

    def __init__(self, database: Database, shop: Shop, http: httpx.AsyncClient, stripe: ScriptedStripe) -> None:
        self.database = database
        self.owner = shop.live
        self.stripe = stripe
        self._http = http

    async def set_keys(self, secret_key: str | None = SECRET_KEY) -> None:
        """Set the keys of the store's account, or remove the secret one."""
        async with self.database.transaction(self.owner) as work:
            command = UpdatePaymentSettings(stripe_secret_key=secret_key, stripe_webhook_secret=SECRET)
            await payments.update_payment_settings(work, self.owner, command)

    async def pay(self, use_case: Any, **given: Any) -> Any:
        """Run a use case that calls out."""
        return await call(self.database, self.owner, use_case, **given)

    async def tell(self, type: str, object: Object, secret: str = SECRET, store: str = "") -> httpx.Response:
        """Stripe's webhook."""
        body = orjson.dumps(event(type, object))
        at = int(system_clock().timestamp())
        signature = library.WebhookSignature.generate_signature_header(body.decode(), secret, at)
        path = f"/processors/stripe/{store or self.owner.store.id}"
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json; charset=utf-8"}
        return await self._http.post(path, content=body, headers=headers)

    async def reconcile(self) -> None:
        """Settle what is in flight, as the worker does an hour later."""
        await reconcile(self.database)

    async def intent(self, id: str) -> Any:
        """The intent as it is."""
        async with self.database.transaction(self.owner) as work:
            return await payments.reads.intent_by_id.for_key(work.reader, id)

    async def dispute(self, payment_id: str) -> Any:
        """The dispute of a payment as it is."""
        async with self.database.transaction(self.owner) as work:
            (found,) = await Records(Dispute).by_column(work, "payment_id", payment_id, "id")
            return found

    async def attempts(self) -> int:
        """How many calls were begun."""
        async with self.database.system_connection() as connection:
            query = "SELECT count(*) FROM outbound_attempt WHERE store_id = $1"
            return int(await connection.fetchval(query, self.owner.store.number))

    async def refunds(self, payment_id: str) -> list[Any]:
        """The refunds of a payment as they are."""
        async with self.database.transaction(self.owner) as work:
            return await Records(Refund).by_column(work, "payment_id", payment_id, "created_at")

    async def transfers(self) -> list[tuple[str, int]]:
        """The ledger."""
        async with self.database.system_connection() as connection:
            rows = await connection.fetch(
                "SELECT kind, amount FROM ledger_transfer WHERE store_id = $1 ORDER BY id", self.owner.store.number
            )
        return [(row["kind"], row["amount"]) for row in rows]


def token(value: str = "pm_card_visa") -> PaymentMethodDetailsInput:
    """The details of a payment method at Stripe."""
    return PaymentMethodDetailsInput(token=value)
