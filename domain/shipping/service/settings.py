"""How a store ships: its built-in carriers, exchange rates and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from domain.kernel.errors import ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import BoxInput, UpdateShippingSettings
from domain.shipping.model import ShippingSettings
from domain.shipping.service.carrier_accounts import stored_accounts
from domain.shipping.tariffs import CARRIERS

_BOX_NUMBERS = ("length", "width", "height", "max_weight", "empty_weight")
DEFAULT_BOXES: Sequence[dict[str, str]] = (
    {
        "name": "Small box",
        "length": "25",
        "width": "18",
        "height": "10",
        "dimension_unit": "cm",
        "max_weight": "2",
        "empty_weight": "0.1",
        "weight_unit": "kg",
    },
    {
        "name": "Large box",
        "length": "45",
        "width": "35",
        "height": "30",
        "dimension_unit": "cm",
        "max_weight": "20",
        "empty_weight": "0.5",
        "weight_unit": "kg",
    },
)
"""The boxes of a new store."""


async def open_shipping_settings(work: UnitOfWork) -> None:
    """Create the shipping settings of a new store: all built-in carriers, two boxes, no exchange rates."""
    work.add(
        ShippingSettings(
            store_id=work.store.number,
            id=work.store.id,
            currency=work.store.currency,
            carriers=list(CARRIERS),
            exchange_rates=[],
            boxes=list(DEFAULT_BOXES),
            accounts=[],
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
    )
    await work.flush()


@use_case("access:write")
async def update_shipping_settings(
    work: UnitOfWork, principal: Principal, command: UpdateShippingSettings
) -> ShippingSettings:
    """Update how the store ships. Raises Conflict (stale version), ValidationFailed (repeats, credentials)."""
    settings = await work.lock(ShippingSettings, work.store.id, noun="settings", version=command.expected_version)
    _refuse_repeats(command)
    new: dict[str, Any] = {}
    if command.carriers is not UNSET:
        new["carriers"] = list(command.carriers)
    if command.exchange_rates is not UNSET:
        new["exchange_rates"] = [
            {"currency": each.currency, "rate": _text(each.rate)} for each in command.exchange_rates
        ]
    if command.boxes is not UNSET:
        new["boxes"] = [_stored_box(each) for each in command.boxes]
    if command.accounts is not UNSET:
        new["accounts"] = stored_accounts(work, command.accounts, settings.accounts)
    changed = {name: value for name, value in new.items() if value != getattr(settings, name)}
    for name, value in changed.items():
        setattr(settings, name, value)
    if changed:
        settings.version += 1
        settings.updated_at = work.now
    if "accounts" in changed:
        audit(work, "shipping_settings.updated", settings.id, changed=["accounts"])
    await work.flush()
    return settings


def _stored_box(box: BoxInput) -> dict[str, str]:
    numbers = {name: _text(getattr(box, name)) for name in _BOX_NUMBERS}
    return {
        "name": box.name,
        **numbers,
        "dimension_unit": str(box.dimension_unit),
        "weight_unit": str(box.weight_unit),
    }


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _refuse_repeats(command: UpdateShippingSettings) -> None:
    """Raises ValidationFailed for each value that occurs earlier in its list."""
    lists: dict[str, Sequence[str]] = {
        "carriers": command.carriers or (),
        "exchange_rates": [each.currency for each in command.exchange_rates or ()],
        "boxes": [each.name for each in command.boxes or ()],
        "accounts": [each.carrier for each in command.accounts or ()],
    }
    members = {"carriers": (), "exchange_rates": ("currency",), "boxes": ("name",), "accounts": ("carrier",)}
    problems = [
        Problem((field, index, *members[field]), ErrorCode.DUPLICATE, "Must occur only once in the list.")
        for field, values in lists.items()
        for index, value in enumerate(values)
        if value in values[:index]
    ]
    if problems:
        raise ValidationFailed(problems)
