"""The settings of a store: shipping methods and taxes."""

from __future__ import annotations

from collections.abc import Sequence

from domain.kernel.errors import ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.money import EXPONENTS
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import ShippingMethodInput, TaxRateInput, UpdateSettings
from domain.orders.model.settings import StoreSettings
from domain.orders.pricing import millionths

_DEFAULT_METHODS = (("standard", "Standard delivery", 5), ("express", "Express delivery", 15))
"""Code, name and price in major units; a hundred times the price in currencies without decimals."""


async def open_settings(work: UnitOfWork) -> None:
    """Create the settings of a new store: two shipping methods, no tax."""
    exponent = EXPONENTS[work.store.currency]
    unit = 10**exponent if exponent else 100
    work.add(
        StoreSettings(
            store_id=work.store.number,
            id=work.store.id,
            currency=work.store.currency,
            shipping_methods=[
                {"code": code, "name": name, "price": price * unit} for code, name, price in _DEFAULT_METHODS
            ],
            tax_rates=[],
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
    )
    await work.flush()


@use_case("access:write")
async def update_settings(work: UnitOfWork, principal: Principal, command: UpdateSettings) -> StoreSettings:
    """Update the settings of the store. Raises Conflict (stale version), ValidationFailed (duplicate entry)."""
    settings = await work.lock(StoreSettings, work.store.id, noun="settings", version=command.expected_version)
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


def _method(method: ShippingMethodInput) -> dict[str, object]:
    return {"code": method.code, "name": method.name, "price": method.price.minor_units}


def _rate(rate: TaxRateInput) -> dict[str, str | int | bool | None]:
    return {
        "country": rate.country,
        "state": rate.state or None,
        "rate": millionths(rate.percent),
        "on_shipping": rate.on_shipping,
    }


def _refuse_repeats(values: Sequence[object], field: str, member: str) -> None:
    """Raises ValidationFailed for each value that occurs earlier in the list."""
    seen: set[object] = set()
    problems: list[Problem] = []
    for index, value in enumerate(values):
        if value in seen:
            problems.append(Problem((field, index, member), ErrorCode.DUPLICATE, "Must occur only once in the list."))
        seen.add(value)
    if problems:
        raise ValidationFailed(problems)
