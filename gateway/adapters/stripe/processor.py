"""The processor port at Stripe."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from domain.kernel.errors import Unavailable
from domain.kernel.principal import Store
from domain.kernel.use_cases.outbound import CALL_TIMEOUT, Outcome, Unknown
from domain.payments.ports import (
    Capture,
    Charge,
    ChargeNews,
    DisputeNews,
    EvidenceBundle,
    ProcessorRequest,
    RefundCharge,
    RefundNews,
    StripeCredentials,
    Void,
)
from gateway.adapters.stripe.answers import charge_news, dispute_news, refund_news
from gateway.adapters.stripe.charges import charge
from gateway.adapters.stripe.connection import StripeApi, StripeConnections
from gateway.adapters.stripe.errors import UnreadableStateError, outcome_of
from gateway.adapters.stripe.library import load_stripe
from gateway.adapters.stripe.lookups import look_up, retrieve_intent
from gateway.adapters.stripe.settlements import capture, refund, submit_evidence, void

log = logging.getLogger("gateway.stripe")

TIME_LIMIT = CALL_TIMEOUT - 1
"""Seconds for a whole call with its repeats, so that it ends here and not in whoever waits for it."""
REQUEST_TIMEOUT = 10.0
"""Seconds for one HTTP request."""

News = TypeVar("News", bound=ChargeNews | RefundNews | DisputeNews)
ReadCredentials = Callable[[Store], Awaitable[StripeCredentials]]
ReadEvidence = Callable[[Store, str], Awaitable[EvidenceBundle]]


class StripeProcessor:
    """Stripe as the processor of live stores. ``close`` it at the end."""

    def __init__(
        self,
        credentials: ReadCredentials,
        evidence: ReadEvidence,
        *,
        api_url: str | None = None,
        request_timeout: float = REQUEST_TIMEOUT,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        """``credentials``: those of a store; ``evidence``: all evidence of a dispute, by its id; ``api_url``: instead
        of Stripe's own hosts; both limits in seconds.
        """
        self._credentials = credentials
        self._evidence = evidence
        self._time_limit = time_limit
        self._connections = StripeConnections(api_url, request_timeout)

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """Make a call. Unknown where Stripe may have done it; raises what reading credentials or evidence raises."""
        api = await self._open(store)
        bundle = None
        if not isinstance(request, Charge | Capture | Void | RefundCharge):
            bundle = await self._evidence(store, request.dispute_id)
        return await self._outcome(api, _perform(api, request, key, bundle))

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """What came of the call with this key; None where Stripe does not know it, or it may simply be sent again.

        Unknown where Stripe cannot be asked, for whatever reason.
        """
        api = await self._open(store)
        try:
            async with asyncio.timeout(self._time_limit):
                return await look_up(api, key)
        except (api.stripe.StripeError, *api.network_errors) as error:  # a refusal, too, is one of the question only
            log.warning("cannot look up %s at Stripe: %s", key, type(error).__name__)
            return Unknown()

    async def current(self, news: News, store: Store) -> News:
        """A charge, refund or dispute as it is now, with its fee and its card, which webhooks lack.

        ``news`` itself where its status is one that this version does not know. Raises Unavailable where Stripe cannot
        be asked.
        """
        api = await self._open(store)
        try:
            async with asyncio.timeout(self._time_limit):
                return await _current(api, news) or news
        except (api.stripe.StripeError, *api.network_errors) as error:
            log.warning("cannot ask Stripe for %s: %s", news.reference, type(error).__name__)
            raise Unavailable("The payment processor is unavailable.") from None

    async def close(self) -> None:
        """End every connection."""
        await self._connections.close()

    async def _open(self, store: Store) -> StripeApi:
        return self._connections.open(await load_stripe(), await self._credentials(store))

    async def _outcome(self, api: StripeApi, call: Awaitable[Outcome]) -> Outcome:
        lost: tuple[type[Exception], ...] = (*api.network_errors, UnreadableStateError)
        try:
            async with asyncio.timeout(self._time_limit):
                return await call
        except api.stripe.StripeError as error:
            return outcome_of(api.stripe, error)
        except lost as error:
            # TimeoutError is an OSError; the package lets through what breaks in a body.
            log.warning("no outcome from Stripe: %s", type(error).__name__)
            return Unknown()


async def _perform(api: StripeApi, request: ProcessorRequest, key: str, bundle: EvidenceBundle | None) -> Outcome:
    if isinstance(request, Charge):
        return await charge(api, request, key)
    if isinstance(request, Capture):
        return await capture(api, request, key)
    if isinstance(request, Void):
        return await void(api, request, key)
    if isinstance(request, RefundCharge):
        return await refund(api, request, key)
    return await submit_evidence(api, request, key, bundle or EvidenceBundle({}))


async def _current(api: StripeApi, news: Any) -> Any:
    if isinstance(news, ChargeNews):
        return charge_news(await retrieve_intent(api, news.reference))
    if isinstance(news, RefundNews):
        expand = {"expand": ["balance_transaction"]}
        return refund_news((await api.v1.refunds.retrieve_async(news.reference, expand)).to_dict())
    return dispute_news((await api.v1.disputes.retrieve_async(news.reference)).to_dict())
