"""Rates: all carriers are asked beside each other, and whoever does not answer in time is left out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain import inventory, orders
from domain.kernel.address import Address
from domain.kernel.crypto import Keyring
from domain.kernel.errors import ErrorCode, Path, Problem, Unavailable, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal, Store
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.calculations import CalculationContext, calculation
from domain.shipping.boxes import CannotPackError, pack
from domain.shipping.carriers import measured
from domain.shipping.commands import PackageInput, ShippingRatesInput
from domain.shipping.documents import stored_entries
from domain.shipping.live_rates import LiveRates
from domain.shipping.ports import CarrierRates, LiveCarriers, Rate, RateDesk, RateRequest, RateSource, UnavailableRate
from domain.shipping.quote_addresses import quote_address
from domain.shipping.service.carrier_accounts import open_account, stored_account
from domain.shipping.service.carrier_lookup import StoreCarriers, store_carriers
from domain.shipping.service.unshipped import unshipped_of, weighed
from domain.shipping.tariffs.quotes import QuoteAddress

log = logging.getLogger("gateway.shipping")


@dataclass(frozen=True, slots=True)
class RatePart:
    """What leaves from one place."""

    origin: QuoteAddress
    packages: Sequence[PackageInput]
    worth: int
    """By which the insured value is shared between the parts; at least 1."""


@dataclass(frozen=True, slots=True)
class ShippingRates:
    """The rates of all carriers, cheapest first, and who has none."""

    rates: Sequence[Rate]
    unavailable: Sequence[UnavailableRate]


@calculation("shipping:read")
async def calculate_shipping_rates(
    context: CalculationContext, principal: Principal, command: ShippingRatesInput
) -> ShippingRates:
    """Ask all carriers what they take for packages, or for what an order has not shipped.

    An order that leaves several warehouses costs the sum of what leaves each. Raises ValidationFailed (missing
    addresses or packages, unknown order, an order with nothing to ship or of unknown weight or address).
    """
    async with context.connection() as db:
        known = await store_carriers(db, principal.store)
        requests = await _requests(db, principal, command, known, context)
    desk: RateDesk = context.dependency(RateDesk)
    sources = [*_sources(known, principal.store, context), *desk.more]
    answers = await asyncio.gather(*(_ask(each, requests, desk.deadline) for each in sources))
    rates = [rate for answer in answers for rate in answer.rates]
    return ShippingRates(
        sorted(rates, key=lambda rate: (rate.cost, rate.carrier, rate.service)),
        [each for answer in answers for each in answer.unavailable],
    )


def _sources(known: StoreCarriers, store: Store, context: CalculationContext) -> Iterator[RateSource]:
    """The carriers of a store; those that it has a contract with are asked themselves."""
    live: LiveCarriers = context.dependency(LiveCarriers)
    for each in known.carriers:
        account = stored_account(known.settings, each.code)
        if account is None:
            yield each
        else:
            yield LiveRates(each.code, partial(open_account, account, context.dependency(Keyring), store), live)


async def _ask(source: RateSource, requests: Sequence[RateRequest], deadline: float) -> CarrierRates:
    """The answer of a carrier for all requests together, within its deadline."""
    try:
        async with asyncio.timeout(deadline):
            answers = await asyncio.gather(*(source.rates(each) for each in requests))
    except TimeoutError:
        reason = f"The carrier did not respond within {deadline:g} seconds."
        return CarrierRates((), [UnavailableRate(source.code, None, reason)])
    except Unavailable as why:
        return CarrierRates((), [UnavailableRate(source.code, None, str(why))])
    except Exception:  # whatever it is, the other carriers have rates
        log.exception("the carrier %s has no rates", source.code)
        return CarrierRates((), [UnavailableRate(source.code, None, "The carrier is unavailable.")])
    return answers[0] if len(answers) == 1 else _together(source.code, answers)


def _together(carrier: str, answers: Sequence[CarrierRates]) -> CarrierRates:
    """The sums of services that take all parts, and why others do not."""
    by_service = [{rate.service: rate for rate in answer.rates} for answer in answers]
    everywhere = [each for each in by_service[0] if all(each in part for part in by_service)]
    refused = {each.service: each for answer in answers for each in answer.unavailable}
    if not everywhere and None not in refused:
        reasons = " ".join(dict.fromkeys(each.reason for each in refused.values()))
        refused = {None: UnavailableRate(carrier, None, reasons)}
    return CarrierRates([_sum([part[each] for part in by_service]) for each in everywhere], list(refused.values()))


def _sum(parts: Sequence[Rate]) -> Rate:
    first = parts[0]
    return Rate(
        carrier=first.carrier,
        carrier_name=first.carrier_name,
        service=first.service,
        service_name=first.service_name,
        currency=first.currency,
        cost=sum(each.cost for each in parts),
        base=sum(each.base for each in parts),
        estimated_delivery_from=_latest([each.estimated_delivery_from for each in parts]),
        estimated_delivery=_latest([each.estimated_delivery for each in parts]),
    )


def _latest(days: Sequence[str | None]) -> str | None:
    """The day on which all parts are there; None if the carrier does not say it of each."""
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


async def _requests(
    db: Executor, principal: Principal, command: ShippingRatesInput, known: StoreCarriers, context: CalculationContext
) -> list[RateRequest]:
    """What is asked: once, or once for each warehouse that an order leaves, with its share of the insured value."""
    if command.order_id is UNSET:
        parts, destination = _given(command)
    else:
        parts, destination = await _of_order(db, command, known)
    insured = command.insurance_value.minor_units if command.insurance_value else 0
    shares = orders.split_proportionally(insured, [part.worth for part in parts])
    return [
        RateRequest(
            origin=part.origin,
            destination=destination,
            packages=measured(part.packages),
            exchange=known.exchange,
            shipped_on=context.now.date(),
            insured=share,
            needs_signature=command.signature_required,
        )
        for part, share in zip(parts, shares, strict=True)
    ]


def _given(command: ShippingRatesInput) -> tuple[Sequence[RatePart], QuoteAddress]:
    """What is given without an order. Raises ValidationFailed if something is missing."""
    missing: list[Path] = [
        (name,)
        for name in ("origin", "destination", "packages")
        if getattr(command, name) is UNSET or getattr(command, name) == ()
    ]
    if missing:
        raise ValidationFailed([Problem(path, ErrorCode.REQUIRED, "Required without an order.") for path in missing])
    return [RatePart(_quote_address(command.origin), command.packages, worth=1)], _quote_address(command.destination)


async def _of_order(
    db: Executor, command: ShippingRatesInput, known: StoreCarriers
) -> tuple[Sequence[RatePart], QuoteAddress]:
    """The parts of an order by warehouse, with their packages, and its address."""
    assert command.order_id is not UNSET  # noqa: S101 - the caller has looked
    order = await orders.reads.order_by_id.for_key(db, command.order_id)
    if order is None:
        raise ValidationFailed.of(("order_id",), ErrorCode.NOT_FOUND, "The order does not exist.")
    items = await orders.reads.items_by_order.for_key(db, order.id)
    unshipped = await unshipped_of(db, [item.id for item in items])
    if not unshipped.by_warehouse:
        raise ValidationFailed.of(("order_id",), ErrorCode.INVALID, "The order has nothing left to ship.")
    if command.packages and len(unshipped.by_warehouse) > 1:
        message = "The order leaves several warehouses. Omit the packages, or give `origin` and `destination` instead."
        raise ValidationFailed.of(("packages",), ErrorCode.INVALID, message)
    destination = _quote_address(command.destination) if command.destination is not UNSET else _address_of(order)
    warehouses = await inventory.reads.warehouse_by_id.for_keys(db, list(unshipped.by_warehouse))
    boxes = stored_entries(known.settings.boxes)
    parts: list[RatePart] = []
    for warehouse, quantities in zip(warehouses, unshipped.by_warehouse.values(), strict=True):
        packages = command.packages or _packed(await weighed(db, items, quantities), boxes)
        origin = _quote_address(command.origin) if command.origin is not UNSET else _origin_of(warehouse)
        parts.append(RatePart(origin, packages, _worth(items, quantities)))
    return parts, destination


def _worth(items: Sequence[Any], quantities: Mapping[str, int]) -> int:
    """What units cost before discounts, in minor units; at least 1, so that gifts have a share of the insured value."""
    worth: int = sum(item.price * quantities.get(item.id, 0) for item in items)
    return max(worth, 1)


def _packed(lines: Sequence[Any], boxes: Sequence[Any]) -> Sequence[PackageInput]:
    try:
        return pack(lines, boxes)
    except CannotPackError as why:
        raise ValidationFailed.of(("packages",), ErrorCode.REQUIRED, str(why)) from None


def _address_of(order: Any) -> QuoteAddress:
    address: Mapping[str, Any] | None = order.shipping_address or order.billing_address
    if address is None:
        raise ValidationFailed.of(("destination",), ErrorCode.REQUIRED, "The order has no address.")
    return quote_address(Address.from_stored(address))


def _origin_of(warehouse: Any) -> QuoteAddress:
    if warehouse.country is None:
        message = f"The warehouse {warehouse.name} has no country. Set it, or give `origin`."
        raise ValidationFailed.of(("origin",), ErrorCode.REQUIRED, message)
    return QuoteAddress(country=warehouse.country, zip=warehouse.zip, city=warehouse.city, state=warehouse.state)


def _quote_address(given: Any) -> QuoteAddress:
    return QuoteAddress(
        country=given.country,
        zip=given.zip or None,
        is_residential=given.residential,
        city=given.city or None,
        state=given.state or None,
    )
