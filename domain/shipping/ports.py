"""What shipping asks of the outside: a printer of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.kernel.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands on the label of one package."""

    carrier: str
    """The name of the carrier."""
    service: str
    """The name of the service."""
    tracking_number: str
    barcode: Sequence[str]
    """The text of the barcode. Several element strings make a GS1-128, a single one a plain Code 128."""
    ship_from: Address
    ship_to: Address
    order_number: str
    weight: str
    """With its unit, as it is shown: ``2.5 lb``."""
    number: int
    """Of the package among those of the shipment, from 1."""
    count: int
    shipped_on: date
    needs_signature: bool = False
    is_sandbox: bool = False
    """Whether it belongs to no real parcel, and says so."""


class LabelPrinter(Protocol):
    """Draws labels."""

    def print_labels(self, labels: Sequence[Label]) -> bytes:
        """A document with a page for each label, 4 by 6 inches. The same labels make the same bytes."""


def barcode_elements(carrier: str, tracking_number: str, destination_zip: str | None) -> tuple[str, ...]:
    """The text of a label's barcode.

    USPS barcodes are a GS1-128 of the destination's ZIP code (application identifier 420) and the number (Publication
    199); other carriers' are their numbers.
    """
    is_impb = len(tracking_number) == 22 and tracking_number.isdigit() and carrier in {"usps", "dhl"}
    if not is_impb:
        return (tracking_number,)
    digits = (destination_zip or "")[:5]
    return (f"420{digits}", tracking_number) if len(digits) == 5 and digits.isdigit() else (tracking_number,)
