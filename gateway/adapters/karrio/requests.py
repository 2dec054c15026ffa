"""What carriers are asked, in the library's words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.catalog import WeightUnit
from domain.kernel.address import Address
from domain.kernel.money import EXPONENTS
from domain.shipping.measures import CENTIMETRES, DimensionUnit, MeasuredPackage
from domain.shipping.ports import LabelOrder, RateRequest
from domain.shipping.tariffs.quotes import QuoteAddress

STATE_CODE_LENGTH = 3
SERVICES: Mapping[str, Mapping[str, str]] = {
    "fedex": {
        "fedex_ground": "ground",
        "fedex_ground_home_delivery": "ground",
        "fedex_2_day": "2day",
        "fedex_standard_overnight": "overnight",
        "fedex_international_priority": "international",
    },
    "ups": {
        "ups_ground": "ground",
        "ups_3_day_select": "3day",
        "ups_2nd_day_air": "2day",
        "ups_next_day_air": "next_day",
    },
}
"""The codes of our services by those of the library; it offers more, for which the gateway has none."""
HOME_DELIVERY = {"fedex_ground": "fedex_ground_home_delivery"}
"""The services to private addresses that have a name of their own."""


def rate_request(models: Any, request: RateRequest) -> Any:
    """A request for rates."""
    return models.RateRequest(
        shipper=models.Address(**_address(request.origin)),
        recipient=models.Address(**_address(request.destination)),
        parcels=[models.Parcel(**_parcel(each, request.origin.country)) for each in request.packages],
        options=_options(request),
    )


def label_request(models: Any, carrier: str, order: LabelOrder) -> Any:
    """A request for a label, paid by the sender."""
    country, day = order.ship_from.country, order.shipped_on.isoformat()
    options = {"shipment_date": day, "shipping_date": f"{day}T12:00", "currency": order.currency}
    if order.needs_signature:
        options["signature_confirmation"] = "DIRECT"
    return models.ShipmentRequest(
        service=_service_for(carrier, order),
        shipper=models.Address(**_party(order.ship_from)),
        recipient=models.Address(**_party(order.ship_to)),
        parcels=[
            models.Parcel(**_parcel(each, country), reference_number=order.reference, options=_insured(value, order))
            for each, value in zip(order.packages, insured_values(order), strict=True)
        ],
        payment=models.Payment(paid_by="sender", currency=order.currency),
        options=options,
        reference=order.reference,
        label_type="PDF",
    )


def insured_values(order: LabelOrder) -> list[int]:
    """The insured value of each package, in minor units: equal parts, the rest in the first."""
    count = len(order.packages)
    part, rest = divmod(order.insured, count)
    return [part + rest, *[part] * (count - 1)]


def with_insurance(carrier: str, body: Any, order: LabelOrder) -> Any:
    """The request as it is sent. The library does not tell UPS what packages are worth."""
    if carrier == "ups" and order.insured:
        for package, value in zip(body["ShipmentRequest"]["Shipment"]["Package"], insured_values(order), strict=True):
            declared = {"CurrencyCode": order.currency, "MonetaryValue": f"{_major(value, order.currency):f}"}
            package.setdefault("PackageServiceOptions", {})["DeclaredValue"] = declared
    return body


def _address(address: QuoteAddress) -> dict[str, Any]:
    """States are told by their codes, or not at all: the postal code says enough."""
    state = address.state if address.state and len(address.state) <= STATE_CODE_LENGTH else None
    return {
        "country_code": address.country,
        "postal_code": address.zip,
        "city": address.city,
        "state_code": state,
        "residential": address.is_residential,
        "address_line1": address.city or address.country,  # for UPS there has to be one; no rate depends on it
    }


def _parcel(package: MeasuredPackage, origin: str) -> dict[str, Any]:
    """In the units that carriers use in the country: for those of another system FedEx would be told the numbers of the
    one and the units of the other."""
    mass, length = (WeightUnit.KILOGRAM, DimensionUnit.CENTIMETRE)
    if origin == "US":
        mass, length = (WeightUnit.POUND, DimensionUnit.INCH)
    sides = (round(float(side / CENTIMETRES[length]), 2) for side in package.sides)
    return {
        "weight": round(float(package.weight_in(mass)), 3),
        "weight_unit": mass.upper(),
        **dict(zip(("length", "width", "height"), sides, strict=True)),
        "dimension_unit": length.upper(),
    }


def _options(request: RateRequest) -> dict[str, Any]:
    currency = request.exchange.currency
    options: dict[str, Any] = {"shipment_date": request.shipped_on.isoformat(), "currency": currency}
    if request.insured:
        options["declared_value"] = float(Decimal(request.insured).scaleb(-EXPONENTS[currency]))
    if request.needs_signature:
        options["signature_confirmation"] = "DIRECT"
    return options


def _service_for(carrier: str, order: LabelOrder) -> str:
    named = next(name for name, code in SERVICES[carrier].items() if code == order.service)
    return named if order.ship_to.company else HOME_DELIVERY.get(named, named)


def _party(address: Address) -> dict[str, Any]:
    """A sender or recipient."""
    person = " ".join(filter(None, (address.first_name, address.last_name)))
    state = address.state if address.state and len(address.state) <= STATE_CODE_LENGTH else None
    return {
        "person_name": person or address.company,
        "company_name": address.company,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "city": address.city,
        "state_code": state,
        "postal_code": address.zip,
        "country_code": address.country,
        "phone_number": address.phone,
        "residential": address.company is None,
    }


def _insured(value: int, order: LabelOrder) -> dict[str, Any]:
    return {"declared_value": float(_major(value, order.currency))} if value else {}


def _major(amount: int, currency: str) -> Decimal:
    return Decimal(amount).scaleb(-EXPONENTS[currency])
