"""Where the tracking numbers and labels of packages come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.fields import Unset
from domain.kernel.principal import Mode
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.carriers import Carrier
from domain.shipping.service.carrier_lookup import StoreCarriers
from domain.shipping.states import ShipmentSource
from domain.shipping.tracking_numbers import has_valid_check_digit, new_tracking_number

_DRAWN = frozenset({ShipmentSource.SANDBOX, ShipmentSource.CUSTOM})
"""The gateway makes the numbers and draws the labels."""


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """Who carries the packages of a shipment, who makes their labels, and how they are numbered."""

    carrier: Carrier
    service: str
    source: ShipmentSource
    given: str | None
    """The caller's own tracking number, of the first package."""

    @property
    def has_label(self) -> bool:
        """Whether the gateway draws the label."""
        return self.source in _DRAWN and self.carrier.prints_labels

    def columns(self) -> dict[str, str]:
        """The columns of a shipment that say who carries it."""
        return {
            "carrier": self.carrier.code,
            "carrier_name": self.carrier.name,
            "service": self.service,
            "service_name": self.carrier.services[self.service],
            "source": self.source,
        }

    def numbers(self, count: int) -> Sequence[str | None]:
        """The tracking numbers of so many packages; None until the carrier has given them. Of a label that was bought
        elsewhere, all have its number.
        """
        if self.source not in _DRAWN:
            return [self.given] * count
        made = [new_tracking_number(self.carrier.code, self.service) for _ in range(count)]
        return made if self.given is None else [self.given, *made[1:]]

    def tracking_url(self, number: str | None) -> str | None:
        """The page that follows a package."""
        return tracking_url(self.carrier.tracking_page(self.service), number)


def tracking_url(template: str | None, number: str | None) -> str | None:
    """The page that follows a package, made from the carrier's template with ``{number}``."""
    return None if template is None or number is None else template.replace("{number}", number)


def label_plan_of(
    work: UnitOfWork,
    known: StoreCarriers,
    carrier: Carrier,
    service: str,
    number: str | Unset | None,
    *,
    is_return: bool = False,
) -> LabelPlan:
    """How a shipment by a carrier, or a return, is numbered.

    Raises Conflict for a built-in carrier in a live store without the caller's own number, since the gateway buys no
    such label; ValidationFailed for a number with a wrong check digit there.
    """
    given = number or None
    if carrier.code in known.custom_codes:
        return LabelPlan(carrier, service, ShipmentSource.CUSTOM, given)
    if work.store.mode == Mode.TEST:
        return LabelPlan(carrier, service, ShipmentSource.SANDBOX, given)
    if given is None:
        raise Conflict(_no_label(carrier, is_return=is_return), ErrorCode.ILLEGAL_TRANSITION, ("tracking_number",))
    if has_valid_check_digit(carrier.code, given) is False:
        message = f"The check digit is not that of a number of {carrier.name}. Compare it with the label."
        raise ValidationFailed.of(("tracking_number",), ErrorCode.INVALID, message)
    return LabelPlan(carrier, service, ShipmentSource.CALLER, given)


def _no_label(carrier: Carrier, *, is_return: bool) -> str:
    """Why a built-in carrier makes no label in a live store, and what to do. Accounts label shipments only."""
    way_out = "Give the `tracking_number` of a label that you have bought, or use a carrier of your own"
    if is_return:
        return f"The gateway buys no labels of returns from {carrier.name}. {way_out}."
    return (
        f"In a live store {carrier.name} only quotes. {way_out}, or set an account at FedEx or UPS in the shipping "
        "settings."
    )
