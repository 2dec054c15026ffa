"""Postal addresses: the input, the value, its REST document and its stored form as JSON.

Street, city and country are required. Everything else is optional, because not every country has states or postal
codes. The telephone number may be in national format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any

from domain.kernel.documents import Document, TextMember
from domain.kernel.errors import Path, ValidationFailed
from domain.kernel.fields import UNSET, Country, Text, Unset
from domain.kernel.fields.contact import MAX_PHONE_LENGTH, clean_phone
from domain.kernel.validation import InvalidValueError

_FIRST_NAME = Text(max=255, description="The first name of the recipient.", example="Jane")
_LAST_NAME = Text(max=255, description="The last name of the recipient.", example="Doe")
_COMPANY = Text(max=255, description="The company name.", example="Doe & Daughters Ltd")
_LINE1 = Text(min=1, max=255, description="The first address line: street and number.", example="221B Baker Street")
_LINE2 = Text(max=255, description="The second address line: flat, floor or building.", example="Flat 2")
_CITY = Text(min=1, max=255, description="The city.", example="London")
_STATE = Text(max=255, description="The state, province or county, if the country has them.", example="Greater London")
_ZIP = Text(max=32, description="The postal code, if the country has them.", example="NW1 6XE")
_COUNTRY = Country(description="The country, as an ISO 3166-1 alpha-2 code in any case.", example="GB")
_PHONE = Text(
    max=MAX_PHONE_LENGTH,
    description="The telephone number for the carrier, in international or national format.",
    example="+44 20 7946 0958",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressInput:
    """A postal address."""

    first_name: Annotated[str | Unset | None, _FIRST_NAME] = UNSET
    last_name: Annotated[str | Unset | None, _LAST_NAME] = UNSET
    company: Annotated[str | Unset | None, _COMPANY] = UNSET
    line1: Annotated[str, _LINE1]
    line2: Annotated[str | Unset | None, _LINE2] = UNSET
    city: Annotated[str, _CITY]
    state: Annotated[str | Unset | None, _STATE] = UNSET
    zip: Annotated[str | Unset | None, _ZIP] = UNSET
    country: Annotated[str, _COUNTRY]
    phone: Annotated[str | Unset | None, _PHONE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressChange:
    """A change of a postal address. Fields that are left out stay unchanged."""

    first_name: Annotated[str | Unset | None, _FIRST_NAME] = UNSET
    last_name: Annotated[str | Unset | None, _LAST_NAME] = UNSET
    company: Annotated[str | Unset | None, _COMPANY] = UNSET
    line1: Annotated[str | Unset, _LINE1] = UNSET
    line2: Annotated[str | Unset | None, _LINE2] = UNSET
    city: Annotated[str | Unset, _CITY] = UNSET
    state: Annotated[str | Unset | None, _STATE] = UNSET
    zip: Annotated[str | Unset | None, _ZIP] = UNSET
    country: Annotated[str | Unset, _COUNTRY] = UNSET
    phone: Annotated[str | Unset | None, _PHONE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An address of the domain. Empty texts are None."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    line1: str
    line2: str | None = None
    city: str
    state: str | None = None
    zip: str | None = None
    country: str
    phone: str | None = None

    @classmethod
    def of(cls, given: AddressInput, path: Path = ()) -> Address:
        """The address of an input. ``path``: its path in the command.

        Raises ValidationFailed for a telephone number that is possible in neither national nor international format.
        """
        members: dict[str, Any] = {name: getattr(given, name) or None for name in ADDRESS_FIELDS}
        return cls(**members)._checked(path)

    def changed(self, change: AddressChange, path: Path = ()) -> Address:
        """The address after a change. Raises as ``of``: a national number is checked against the new country."""
        given: dict[str, Any] = {name: getattr(change, name) for name in ADDRESS_FIELDS}
        known: dict[str, Any] = {name: value or None for name, value in given.items() if value is not UNSET}
        return replace(self, **known)._checked(path)

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Address:
        """The address in ``stored``. Other members are ignored."""
        return cls(**{name: stored[name] for name in ADDRESS_FIELDS})

    def stored(self) -> dict[str, str | None]:
        """Plain JSON with every member, as snapshots store it."""
        return {name: getattr(self, name) for name in ADDRESS_FIELDS}

    def _checked(self, path: Path) -> Address:
        if self.phone is not None:
            try:
                clean_phone(self.phone, self.country)
            except InvalidValueError as refused:
                raise ValidationFailed.of((*path, "phone"), refused.code, refused.message) from None
        return self


ADDRESS_FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Address))
"""The members of an address, in the order in which they are written."""


class AddressDocument(Document):
    """A postal address."""

    first_name = TextMember("The first name of the recipient.", example="Jane", nullable=True)
    last_name = TextMember("The last name of the recipient.", example="Doe", nullable=True)
    company = TextMember("The company name.", example="Doe & Daughters Ltd", nullable=True)
    line1 = TextMember("The first address line: street and number.", example="221B Baker Street")
    line2 = TextMember("The second address line: flat, floor or building.", example="Flat 2", nullable=True)
    city = TextMember("The city.", example="London")
    state = TextMember(
        "The state, province or county. Null if the address has none.", example="Greater London", nullable=True
    )
    zip = TextMember("The postal code. Null if the address has none.", example="NW1 6XE", nullable=True)
    country = TextMember("The country, as an upper-case ISO 3166-1 alpha-2 code.", example="GB")
    phone = TextMember("The telephone number for the carrier, as entered.", example="+44 20 7946 0958", nullable=True)
