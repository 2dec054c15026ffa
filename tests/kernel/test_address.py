"""Addresses, and how people are reached: what is accepted, in what form it is kept, and what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.address import ADDRESS_FIELDS, Address, AddressChange, AddressDocument, AddressInput
from domain.kernel.errors import ErrorCode, Path, ValidationFailed
from domain.kernel.fields import UNSET, Country, Email, Phone, Unset, read_command, specs
from domain.kernel.fields.contact import COUNTRIES, clean_phone, e164
from rest_compat.openapi.schemas import Schemas
from rest_compat.wire_format import WIRE_FORMAT

HOME = {"line1": "221B Baker Street", "city": "London", "country": "GB"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    email: Annotated[str | Unset, Email(description="")] = UNSET
    phone: Annotated[str | Unset, Phone(description="")] = UNSET
    country: Annotated[str | Unset, Country(description="")] = UNSET


def read(command: type[Any], **sent: Any) -> Any:
    return read_command(command, sent, WIRE_FORMAT, "GBP")


def refused(command: type[Any], **sent: Any) -> list[tuple[Path, ErrorCode]]:
    with pytest.raises(ValidationFailed) as failure:
        read(command, **sent)
    return [(problem.path, problem.code) for problem in failure.value.problems]


def test_street_town_and_country_are_enough() -> None:
    address = Address.of(read(AddressInput, **HOME))
    assert address == Address(**HOME)
    assert refused(AddressInput) == [((name,), ErrorCode.REQUIRED) for name in ("line1", "city", "country")]
    blank = {"line1": " ", "city": "", "country": ""}
    assert refused(AddressInput, **blank) == [((name,), ErrorCode.TOO_SHORT) for name in blank]


def test_blank_and_absent_members_are_the_same() -> None:
    address = Address.of(read(AddressInput, **HOME, line2="  ", zip=None, company=" Doe "))
    assert (address.line2, address.zip, address.state, address.company) == (None, None, None, "Doe")


@pytest.mark.parametrize(("given", "kept"), [("gb", "GB"), (" Us ", "US"), ("de", "DE")])
def test_countries_are_kept_in_upper_case(given: str, kept: str) -> None:
    assert read(AddressInput, **{**HOME, "country": given}).country == kept


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("ZZ", ErrorCode.INVALID),
        ("UK", ErrorCode.INVALID),
        ("GBR", ErrorCode.TOO_LONG),
        ("g", ErrorCode.TOO_SHORT),
        (44, ErrorCode.INVALID),
        ("ß", ErrorCode.TOO_SHORT),
    ],
)
def test_what_is_no_country_is_refused(given: Any, code: ErrorCode) -> None:
    assert refused(AddressInput, **{**HOME, "country": given}) == [(("country",), code)]


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=2, max_size=2))
def test_the_documented_pattern_is_exactly_the_list_of_countries(code: str) -> None:
    assert (re.fullmatch(Country.pattern, code) is not None) is (code.upper() in COUNTRIES)


@pytest.mark.parametrize("phone", ["+44 20 7946 0958", "020 7946 0958", "+1-555-0123"])
def test_an_address_takes_numbers_of_its_country_and_of_others(phone: str) -> None:
    assert Address.of(read(AddressInput, **HOME, phone=phone)).phone == phone


def test_an_impossible_number_is_refused_where_it_stands() -> None:
    with pytest.raises(ValidationFailed) as failure:
        Address.of(read(AddressInput, **HOME, phone="call me"), ("addresses", 1))
    (problem,) = failure.value.problems
    assert (problem.path, problem.code) == (("addresses", 1, "phone"), ErrorCode.INVALID)


def test_a_change_keeps_what_it_does_not_name_and_clears_what_it_nulls() -> None:
    before = Address.of(read(AddressInput, **HOME, zip="NW1 6XE", phone="020 7946 0958"))
    after = before.changed(read(AddressChange, city="Leeds", zip=None))
    assert after == Address(**{**HOME, "city": "Leeds"}, phone="020 7946 0958")
    assert refused(AddressChange, line1=None, city=" ") == [
        (("line1",), ErrorCode.NULL_NOT_ALLOWED),
        (("city",), ErrorCode.TOO_SHORT),
    ]


def test_a_national_number_does_not_move_abroad() -> None:
    before = Address.of(read(AddressInput, **HOME, phone="020 7946 0958"))
    with pytest.raises(ValidationFailed):
        before.changed(read(AddressChange, country="IS"))  # seven digits, or nine
    assert before.changed(read(AddressChange, country="IS", phone=None)).country == "IS"


def test_input_change_value_and_document_have_the_same_members() -> None:
    assert tuple(AddressDocument.members) == ADDRESS_FIELDS
    for command in (AddressInput, AddressChange):
        assert tuple(spec.name for spec in specs(command)) == ADDRESS_FIELDS


TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@given(st.fixed_dictionaries({name: TEXTS for name in ADDRESS_FIELDS if name not in HOME}))
def test_a_stored_address_survives_its_round_trip_through_json(optional: dict[str, str | None]) -> None:
    address = Address(**HOME, **optional)
    stored = json.loads(orjson.dumps(address.stored()))
    assert Address.from_stored({**stored, "id": "addr_1"}) == address
    assert AddressDocument.of_constant(address, frozenset()) == stored


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Jane.Doe@Example.COM ", "Jane.Doe@example.com"),
        ("jane+shop@mail.example.co.uk", "jane+shop@mail.example.co.uk"),
        ("jane@shop.test", "jane@shop.test"),
        ("jane@xn--bcher-kva.example", "jane@bücher.example"),
        ("josé@example.com", "josé@example.com"),
    ],
)
def test_the_domain_of_an_email_is_lowered_and_the_rest_kept(given: str, kept: str) -> None:
    assert read(Person, email=given).email == kept


@pytest.mark.parametrize(
    "given",
    [
        "jane",
        "jane@",
        "@example.com",
        "jane@localhost",
        "a b@example.com",
        "J <j@example.com>",
        "j@[::1]",
        "j@x.invalid",
    ],
)
def test_what_no_mail_can_be_sent_to_is_refused(given: str) -> None:
    assert refused(Person, email=given) == [(("email",), ErrorCode.INVALID)]


def test_an_email_has_254_characters_at_most() -> None:
    domain = ".".join(["a" * 60] * 4)
    assert refused(Person, email=f"{'j' * 10}@{domain}.com") == [(("email",), ErrorCode.TOO_LONG)]


@pytest.mark.parametrize(
    ("phone", "machine"),
    [
        ("+1-555-0123", None),
        ("+44 20 7946 0958", "+442079460958"),
        ("+1 (650) 253-0000", "+16502530000"),
        ("＋44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_is_kept_as_given_and_for_machines_when_it_is_valid(phone: str, machine: str | None) -> None:
    assert read(Person, phone=phone).phone == phone
    assert e164(phone) == machine
    assert e164(None) is None


@pytest.mark.parametrize(
    "given", ["020 7946 0958", "hello", "+1", "+999 1234567", "+44 1", "+1 555 0123 555 0123 555 0123"]
)
def test_a_phone_without_a_country_must_be_international_and_possible(given: str) -> None:
    assert refused(Person, phone=given) == [(("phone",), ErrorCode.INVALID)]


def test_the_national_notation_of_a_country_is_understood() -> None:
    assert clean_phone("020 7946 0958", "GB") == "020 7946 0958"


def test_the_documents_say_what_is_accepted() -> None:
    schemas = Schemas()
    described = {spec.name: schemas.field(spec) for spec in specs(Person)}
    assert described["email"]["format"] == "email"
    assert (described["phone"]["maxLength"], described["email"]["maxLength"]) == (64, 254)
    assert re.search(described["country"]["pattern"], " gb ")
    assert not re.search(described["country"]["pattern"], "zz")
