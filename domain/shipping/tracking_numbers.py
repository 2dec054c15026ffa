"""Tracking numbers in the formats of the carriers, with their check digits.

Formats: UPS 1Z (18 characters), USPS Intelligent Mail package barcode (22 digits, Publication 199), FedEx Express (12
digits) and Ground (15), DHL Express (10). DHL eCommerce hands its parcels to the USPS for the last mile, and so numbers
them. Numbers made here belong to no real parcel: they are for the sandbox, and for carriers without numbers of their
own.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_UPS_SERVICES: Mapping[str, str] = {"ground": "03", "3day": "12", "2day": "02", "next_day": "01"}
_USPS_SERVICES: Mapping[str, str] = {
    "priority": "9205",
    "express": "9270",
    "first_class": "9400",
    "parcel_select": "9261",
    "ecommerce": "9274",
}


def new_tracking_number(carrier: str, service: str) -> str:
    """A number in the carrier's format. Of a carrier without a known one: 14 digits, the last of which checks them."""
    match carrier, service:
        case "ups", _:
            return _ups(_UPS_SERVICES.get(service, "03"))
        case ("usps", _) | ("dhl", "ecommerce"):
            return _checked(_USPS_SERVICES.get(service, "9205") + _digits(17), gs1_check_digit)
        case "fedex", "ground":
            return _checked("9" + _digits(13), gs1_check_digit)
        case "fedex", _:
            return _checked(_digits(11), fedex_check_digit)
        case "dhl", _:
            return _checked(_digits(9), mod_7_check_digit)
        case _:
            return _checked(_digits(13), gs1_check_digit)


def has_valid_check_digit(carrier: str, number: str) -> bool | None:
    """Whether the check digit of a number of a carrier is right; None where the carrier has no such format."""
    compact = number.replace(" ", "").upper()
    for form, check in _FORMATS.get(carrier, ()):
        if re.fullmatch(form, compact):
            return check(compact[:-1]) == int(compact[-1])
    return None


def gs1_check_digit(digits: str) -> int:
    """Modulo 10 with weights 3 and 1 from the right (GS1 General Specifications, 7.9)."""
    return -sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits))) % 10


def fedex_check_digit(digits: str) -> int:
    """Modulo 11, then 10, with weights 1, 3 and 7 from the right."""
    weighted = sum(int(digit) * (1, 3, 7)[place % 3] for place, digit in enumerate(reversed(digits)))
    return weighted % 11 % 10


def mod_7_check_digit(digits: str) -> int:
    """The remainder by seven."""
    return int(digits) % 7


def ups_check_digit(number: str) -> int:
    """Modulo 10 with weights 1 and 2 over what follows ``1Z``; a letter counts by its place in the alphabet."""
    values = [int(each) if each.isdigit() else (ord(each) - 63) % 10 for each in number[2:]]
    return -sum(value * (1, 2)[place % 2] for place, value in enumerate(values)) % 10


def _ups(service: str) -> str:
    shipper = "".join(secrets.choice(_LETTERS) for _ in range(3)) + _digits(3)
    return _checked(f"1Z{shipper}{service}{_digits(7)}", ups_check_digit)


def _checked(text: str, check: Callable[[str], int]) -> str:
    return f"{text}{check(text)}"


def _digits(count: int) -> str:
    """Random digits, the first of which is not zero."""
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))


_FORMATS: Mapping[str, Sequence[tuple[str, Callable[[str], int]]]] = {
    "ups": ((r"1Z[0-9A-Z]{15}[0-9]", ups_check_digit),),
    "usps": ((r"9[1-5][0-9]{20}", gs1_check_digit),),
    "fedex": ((r"[0-9]{12}", fedex_check_digit), (r"[0-9]{15}", gs1_check_digit)),
    "dhl": ((r"[0-9]{10}", mod_7_check_digit), (r"9[1-5][0-9]{20}", gs1_check_digit)),
}
