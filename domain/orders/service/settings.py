"""How a store sells: its shipping methods and taxes."""

from __future__ import annotations

from collections.abc import Sequence

from domain.kernel.errors import ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.money import EXPONENTS
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import ShippingMethodInput, TaxRateInput, UpdateSettings
from domain.orders.model import StoreSettings
from domain.orders.pricing import millionths

_SEEDED = (("standard", "Standard delivery", 5), ("express", "Express delivery", 15))
"""Code, name and price in major units; a hundredfold in currencies without decimals."""


async def open_settings(work: UnitOfWork) -> None:
    """Give a new store its settings: two shipping methods, no tax."""
    exponent = EXPONENTS[work.store.currency]
    unit = 10**exponent if exponent else 100
    work.add(
        StoreSettings(
            store_id=work.store.number,
            id=work.store.id,
            currency=work.store.currency,
            shipping_methods=[{"code": code, "name": name, "price": price * unit} for code, name, price in _SEEDED],
            tax_rates=[],
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
    )
    await work.flush()


@use_case("access:write")
async def update_settings(work: UnitOfWork, principal: Principal, command: UpdateSettings) -> StoreSettings:
    """Change how the store sells from now on. Raises Conflict (stale version), ValidationFailed (something twice)."""
    version = None if command.expected_version is UNSET else command.expected_version
    settings = await work.lock(StoreSettings, work.store.id, noun="settings", version=version)
    before = settings.shipping_methods, settings.tax_rates
    if command.shipping_methods is not UNSET:
        _refuse_repeats([method.code for method in command.shipping_methods], "shipping_methods", "code")
        settings.shipping_methods = [_method(method) for method in command.shipping_methods]
    if command.tax_rates is not UNSET:
        places = [(rate.country, (rate.state or "").casefold()) for rate in command.tax_rates]
        _refuse_repeats(places, "tax_rates", "country")
        settings.tax_rates = [_rate(rate) for rate in command.tax_rates]
    if before != (settings.shipping_methods, settings.tax_rates):
        settings.version += 1
        settings.updated_at = work.now
    await work.flush()
    return settings


def _method(given: ShippingMethodInput) -> dict[str, object]:
    return {"code": given.code, "name": given.name, "price": given.price.minor_units}


def _rate(given: TaxRateInput) -> dict[str, str | int | bool | None]:
    return {
        "country": given.country,
        "state": given.state or None,
        "rate": millionths(given.percent),
        "on_shipping": given.on_shipping,
    }


def _refuse_repeats(values: Sequence[object], field: str, member: str) -> None:
    """Raises ValidationFailed for each of ``values`` that stood in the list before."""
    seen: set[object] = set()
    problems: list[Problem] = []
    for index, value in enumerate(values):
        if value in seen:
            problems.append(Problem((field, index, member), ErrorCode.DUPLICATE, "Must occur only once in the list."))
        seen.add(value)
    if problems:
        raise ValidationFailed(problems)
