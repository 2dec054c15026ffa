"""Rates of carriers that a store has a contract with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from domain.kernel.request_slot import leave_slot
from domain.shipping.carriers import without_exchange_rate
from domain.shipping.delivery_dates import delivery_day, shipping_day
from domain.shipping.ports import (
    CarrierRates,
    LiveAccount,
    LiveCarriers,
    LiveQuote,
    Rate,
    RateRequest,
    UnavailableRate,
)
from domain.shipping.tariffs import CARRIERS, TariffService


class LiveRates:
    """A carrier that is asked what it takes by the store's contract, in place of its tariff."""

    def __init__(self, carrier: str, account: Callable[[], LiveAccount], live: LiveCarriers) -> None:
        """``account`` is called when the carrier is asked: credentials that cannot be read are its matter alone."""
        self._account, self._live = account, live
        self._carrier = CARRIERS[carrier]
        self.code = carrier

    async def rates(self, request: RateRequest) -> CarrierRates:
        """See ``RateSource``. Services that the gateway has no code for are left out."""
        account = self._account()
        with leave_slot():
            answer = await self._live.quotes(account, request)
        if not answer.quotes:
            reason = " ".join(answer.messages) or "The carrier offers none of its services for this."
            return CarrierRates((), [UnavailableRate(self.code, None, reason)])
        unknown = {each.currency for each in answer.quotes if not request.exchange.knows(each.currency)}
        reasons = [UnavailableRate(self.code, None, without_exchange_rate(each)) for each in sorted(unknown)]
        quotes = [each for each in answer.quotes if each.currency not in unknown]
        return CarrierRates([self._rate(service, quote, request) for service, quote in self._cheapest(quotes)], reasons)

    def _cheapest(self, quotes: list[LiveQuote]) -> Iterator[tuple[TariffService, LiveQuote]]:
        """One quote of each service, in the order of the tariff: carriers name some services by their addresses."""
        for service in self._carrier.services:
            found = [each for each in quotes if each.service == service.code]
            if found:
                yield service, min(found, key=lambda quote: quote.cost)

    def _rate(self, service: TariffService, quote: LiveQuote, request: RateRequest) -> Rate:
        cost = request.exchange.to_store(quote.cost, quote.currency)
        return Rate(
            carrier=self.code,
            carrier_name=self._carrier.name,
            service=service.code,
            service_name=service.name,
            currency=request.exchange.currency,
            cost=cost,
            base=cost,
            **_delivery(quote, request),
        )


def _delivery(quote: LiveQuote, request: RateRequest) -> dict[str, str]:
    if quote.business_days is None:
        return {}
    left = shipping_day(request.shipped_on, request.origin.country)
    day = delivery_day(left, quote.business_days, request.destination.country).isoformat()
    return {"estimated_delivery_from": day, "estimated_delivery": day}
