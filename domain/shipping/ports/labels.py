"""Labels: what stands on one, who draws it, and where it is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class LabelFile:
    """The labels of a shipment, as a carrier has made them."""

    pdf: bytes = field(repr=False)
    """A page for each package."""


class LabelPrinter(Protocol):
    """Draws labels, and turns labels of carriers into its format."""

    def print_labels(self, labels: Sequence[Label]) -> bytes:
        """A document with a page for each label, 4 by 6 inches. The same labels make the same bytes."""

    def convert(self, pdf: bytes) -> bytes:
        """A PDF that a carrier has made, page by page. Raises ValueError if it cannot be read."""


def barcode_elements(carrier: str, tracking_number: str, destination_zip: str | None) -> tuple[str, ...]:
    """The text of a label's barcode.

    USPS barcodes are a GS1-128 of the destination's ZIP code (application identifier 420) and the number (Publication
    199); other carriers' are their numbers. Blanks are for people: they are not in the bars.
    """
    number = tracking_number.replace(" ", "")
    is_impb = len(number) == 22 and number.isdigit() and carrier in {"usps", "dhl"}
    if not is_impb:
        return (number,)
    digits = (destination_zip or "")[:5]
    return (f"420{digits}", number) if len(digits) == 5 and digits.isdigit() else (number,)


PDF, PNG, ZPL = "application/pdf", "image/png", "application/zpl"
"""What labels can be."""


@dataclass(frozen=True, slots=True)
class LabelPrinters:
    """Those who draw labels."""

    by_media_type: Mapping[str, LabelPrinter]


@dataclass(frozen=True, slots=True)
class ShippingLinks:
    """The addresses of labels."""

    public_url: str
    """The public URL of the gateway, without a slash at the end."""

    def label_of_shipment(self, shipment_id: str) -> str:
        """The URL of the label of a shipment."""
        return f"{self.public_url}/v2/shipments/{shipment_id}/label"

    def label_of_return(self, return_id: str) -> str:
        """The URL of the label of a return."""
        return f"{self.public_url}/v2/returns/{return_id}/label"
