"""The store's own carriers: their zones and prices are checked when they are saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain.kernel.errors import Conflict, ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import (
    CarrierRateInput,
    CarrierServiceInput,
    CarrierZoneInput,
    CreateShippingCarrier,
    DeleteShippingCarrier,
    UpdateShippingCarrier,
)
from domain.shipping.commands.carriers import MAX_CARRIERS
from domain.shipping.model import CustomCarrier, ShippingSettings
from domain.shipping.tariffs import CARRIERS

_PLAIN = ("name", "active", "prints_labels", "weight_unit")


@use_case("shipping:write")
async def create_shipping_carrier(
    work: UnitOfWork, principal: Principal, command: CreateShippingCarrier
) -> CustomCarrier:
    """Describe a carrier of the store's own.

    Raises Conflict (the code is taken), ValidationFailed (too many carriers; zones or prices with gaps, overlaps or
    repeats).
    """
    _check(command.zones, command.services)
    codes = await _codes(work)
    if command.code in CARRIERS or command.code in codes:
        raise Conflict("A carrier with this code exists already.", ErrorCode.TAKEN, ("code",))
    if len(codes) >= MAX_CARRIERS:
        message = f"A store can have at most {MAX_CARRIERS} carriers of its own."
        raise ValidationFailed.of((), ErrorCode.TOO_LONG, message)
    carrier = CustomCarrier(
        store_id=work.store.number,
        id=new_id("carr"),
        code=command.code,
        tracking_url=command.tracking_url or None,
        currency=work.store.currency,
        zones=_stored_zones(command.zones),
        services=_stored_services(command.services),
        version=1,
        created_at=work.now,
        updated_at=work.now,
        **{name: getattr(command, name) for name in _PLAIN},
    )
    work.add(carrier)
    await work.flush()
    return carrier


@use_case("shipping:write")
async def update_shipping_carrier(
    work: UnitOfWork, principal: Principal, command: UpdateShippingCarrier
) -> CustomCarrier:
    """Change a carrier of the store's own. An update without a difference changes no version.

    Raises NotFound, Conflict (stale version), ValidationFailed as ``create_shipping_carrier``.
    """
    carrier = await work.lock(CustomCarrier, command.id, noun="carrier", version=command.expected_version)
    new: dict[str, Any] = {name: getattr(command, name) for name in _PLAIN if getattr(command, name) is not UNSET}
    if command.tracking_url is not UNSET:
        new["tracking_url"] = command.tracking_url or None
    new["zones"] = carrier.zones if command.zones is UNSET else _stored_zones(command.zones)
    new["services"] = carrier.services if command.services is UNSET else _stored_services(command.services)
    _check_stored(new["zones"], new["services"])
    changed = {name: value for name, value in new.items() if value != getattr(carrier, name)}
    for name, value in changed.items():
        setattr(carrier, name, value)
    if changed:
        carrier.version += 1
        carrier.updated_at = work.now
    await work.flush()
    return carrier


@use_case("shipping:write")
async def delete_shipping_carrier(
    work: UnitOfWork, principal: Principal, command: DeleteShippingCarrier
) -> CustomCarrier:
    """Remove a carrier of the store's own; its shipments stay. Raises NotFound, Conflict (stale version)."""
    carrier = await work.lock(CustomCarrier, command.id, noun="carrier", version=command.expected_version)
    await work.session.delete(carrier)
    await work.flush()
    return carrier


async def _codes(work: UnitOfWork) -> Sequence[str]:
    """The codes of the carriers of the store. None is added meanwhile: who adds one locks the settings first."""
    await work.lock(ShippingSettings, work.store.id, noun="settings")
    statement = select(CustomCarrier.code).where(CustomCarrier.store_id == work.store.number)
    return (await work.session.scalars(statement)).all()


def _check(zones: Sequence[CarrierZoneInput], services: Sequence[CarrierServiceInput]) -> None:
    _check_stored(_stored_zones(zones), _stored_services(services))


def _check_stored(zones: Sequence[Mapping[str, Any]], services: Sequence[Mapping[str, Any]]) -> None:
    """Raises ValidationFailed with everything that is wrong with zones and prices."""
    problems = [
        *_repeats([each["code"] for each in zones], ("zones",)),
        *_repeats([each["code"] for each in services], ("services",)),
        *_overlapping_countries(zones),
    ]
    known = {each["code"] for each in zones}
    for index, service in enumerate(services):
        path: Path = ("services", index)
        if service["min_days"] > service["max_days"]:
            problems.append(Problem((*path, "max_days"), ErrorCode.TOO_SMALL, "Must be at least `min_days`."))
        problems += _problems_of_rates(service["rates"], known, (*path, "rates"))
    if problems:
        raise ValidationFailed(problems)


def _repeats(codes: Sequence[str], path: Path) -> list[Problem]:
    return [
        Problem((*path, index, "code"), ErrorCode.DUPLICATE, "Must occur only once in the list.")
        for index, code in enumerate(codes)
        if code in codes[:index]
    ]


def _overlapping_countries(zones: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """A country belongs to one zone, and only one zone has all others."""
    seen: set[str] = set()
    problems: list[Problem] = []
    for index, zone in enumerate(zones):
        for place, country in enumerate(zone["countries"]):
            if country in seen:
                path: Path = ("zones", index, "countries", place)
                problems.append(Problem(path, ErrorCode.DUPLICATE, "The country is in another zone, or named twice."))
            seen.add(country)
    rest = [index for index, zone in enumerate(zones) if not zone["countries"]]
    message = "Only one zone may be without countries."
    return [*problems, *(Problem(("zones", index, "countries"), ErrorCode.DUPLICATE, message) for index in rest[1:])]


def _problems_of_rates(rates: Sequence[Mapping[str, Any]], zones: set[str], path: Path) -> list[Problem]:
    """Gaps and overlaps between the weights of one zone, empty ranges, and zones that there are not."""
    problems: list[Problem] = []
    by_zone: dict[str, list[tuple[Decimal, Decimal, int]]] = {}
    for index, rate in enumerate(rates):
        start, end = Decimal(rate["weight_from"]), Decimal(rate["weight_to"])
        if rate["zone"] not in zones:
            message = f"There is no such zone. There are: {', '.join(sorted(zones))}."
            problems.append(Problem((*path, index, "zone"), ErrorCode.NOT_FOUND, message))
        if end <= start:
            message = "Must be greater than `weight_from`."
            problems.append(Problem((*path, index, "weight_to"), ErrorCode.TOO_SMALL, message))
        by_zone.setdefault(rate["zone"], []).append((start, end, index))
    for ranges in by_zone.values():
        expected = Decimal(0)
        for start, end, index in sorted(ranges):
            if start != expected:
                what = "overlap" if start < expected else "leave a gap"
                message = f"The weights of the zone {what}: expected {expected:f} here."
                problems.append(Problem((*path, index, "weight_from"), ErrorCode.INVALID, message))
            expected = max(expected, end)
    return problems


def _stored_zones(zones: Sequence[CarrierZoneInput]) -> list[dict[str, Any]]:
    return [{"code": each.code, "countries": list(each.countries)} for each in zones]


def _stored_services(services: Sequence[CarrierServiceInput]) -> list[dict[str, Any]]:
    return [
        {
            "code": each.code,
            "name": each.name,
            "min_days": each.min_days,
            "max_days": each.max_days,
            "rates": [_stored_rate(rate) for rate in each.rates],
        }
        for each in services
    ]


def _stored_rate(rate: CarrierRateInput) -> dict[str, Any]:
    return {
        "zone": rate.zone,
        "weight_from": f"{rate.weight_from.normalize():f}",
        "weight_to": f"{rate.weight_to.normalize():f}",
        "price": rate.price.minor_units,
    }
