"""What Stripe tells: ``POST /processors/stripe/{store}``. Signed, told any number of times and in any order.

An event is a hint: the charge, refund or dispute is asked for as it is now, which also has the fee and the card.
"""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from domain import access, payments
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest, NotFound
from domain.kernel.principal import Mode, Principal, Store
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.ports import ChargeNews, DisputeNews, RefundNews
from gateway.adapters.stripe import InvalidSignatureError, StripeNews, StripeProcessor, news_of
from transport.body import read_body, single_header
from transport.resource import Resource

PATH = "/processors/stripe/{store}"
SIGNATURE = "Stripe-Signature"
log = logging.getLogger("gateway.stripe")


class StripeWebhooks:
    """Receives the webhooks of all live stores."""

    def __init__(self, database: Database, stripe: StripeProcessor) -> None:
        self._database = database
        self._stripe = stripe

    def routes(self) -> list[BaseRoute]:
        """The one route."""
        return [Route(PATH, Resource({"POST": self.receive}))]

    async def receive(self, request: Request) -> Response:
        """Record what an event tells.

        Raises NotFound (no live store, or one without a webhook secret), MalformedRequest (not signed with it),
        Unavailable: then Stripe sends it again.
        """
        body = await read_body(request)
        store, secret = await self._addressee(request.path_params["store"])
        try:
            told = await news_of(body, single_header(request, SIGNATURE), secret, self._database.clock())
        except InvalidSignatureError as error:
            raise MalformedRequest.of(SIGNATURE, str(error)) from None
        for each in told:
            await self._record(each, store, request.state.request_id)
        return JSONResponse({"received": True})

    async def _addressee(self, store_id: str) -> tuple[Store, str]:
        async with self._database.system_connection() as connection:
            store = await access.store_by_id(connection, store_id)
        if store is None or store.mode != Mode.LIVE:
            raise NotFound("store")
        async with self._database.transaction(_caller(store)) as work:
            secret = await work.dependency(payments.ProcessorKeys).webhook_secret(work.reader, store)
        if secret is None:
            raise NotFound("webhook secret")
        return store, secret

    async def _record(self, told: StripeNews, store: Store, request_id: str) -> None:
        news = await self._stripe.current(told.news, store)
        try:
            async with self._database.transaction(_caller(store), request_id) as work:
                is_ours = await _apply(work, told, news)
        except NotFound:  # of another gateway with the same account at Stripe
            is_ours = False
        if not is_ours:
            log.info("the event %s (%s) is about no payment of the store", told.event_id, told.type)


async def _apply(work: UnitOfWork, told: StripeNews, news: ChargeNews | RefundNews | DisputeNews) -> bool:
    """Record the news. Returns whether the store has what they are about."""
    if isinstance(news, ChargeNews):
        return await payments.record_charge_news(work, news, told.payment_id)
    if isinstance(news, RefundNews):
        return await payments.record_refund_news(work, news, told.refund_id)
    return await payments.record_dispute_news(work, news) is not None


def _caller(store: Store) -> Principal:
    return Principal(store, frozenset(), "stripe")
