"""Reading commands: every problem is found and named where it is, and what is read is what the domain may trust."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest

from domain.catalog.commands import CreateProduct, UpdateProduct
from domain.kernel.errors import ErrorCode, Path, ValidationFailed
from domain.kernel.fields import (
    UNSET,
    Amount,
    Attributes,
    Boolean,
    Choice,
    DateTime,
    Integer,
    Json,
    ListOf,
    Metadata,
    NestedObject,
    ReadContext,
    Text,
    Unset,
    Url,
    read_command,
    specs,
)
from domain.kernel.money import MAX_MINOR_UNITS, Money
from domain.kernel.validation import InvalidValueError


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    url: Annotated[str, Url(description="")]
    price: Annotated[Money | Unset | None, Amount(description="")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class Everything:
    name: Annotated[str, Text(min=1, max=10, pattern=r"[^/]+", description="")]
    note: Annotated[str | Unset | None, Text(max=5, description="")] = UNSET
    count: Annotated[int | Unset, Integer(max=100, description="")] = UNSET
    on_sale: Annotated[bool | Unset, Boolean(description="")] = UNSET
    price: Annotated[Money | Unset, Amount(description="")] = UNSET
    starts_at: Annotated[datetime | Unset, DateTime(description="")] = UNSET
    colour: Annotated[Colour | Unset, Choice(description="")] = UNSET
    attributes: Annotated[dict[str, str] | Unset, Attributes(description="")] = UNSET
    metadata: Annotated[Json | Unset, Metadata(description="")] = UNSET
    leaves: Annotated[
        tuple[Leaf, ...] | Unset,
        ListOf(item=NestedObject(shorthand="url", description=""), min=1, max=3, description=""),
    ] = UNSET


class Plain:
    """Speaks Python names; an amount is a Decimal, or an object with its currency."""

    null_is_absent = False

    def name(self, python_name: str) -> str:
        return python_name

    def amount(self, value: object) -> tuple[Decimal, str | None]:
        if isinstance(value, dict):
            return Decimal(value["amount"]), value["currency"]
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise ValueError("not an amount")
        return Decimal(value), None


class Camel(Plain):
    """Speaks another case, as GraphQL does."""

    def name(self, python_name: str) -> str:
        head, *rest = python_name.split("_")
        return head + "".join(word.capitalize() for word in rest)


def read(sent: dict[str, Any], command: type[Any] = Everything, currency: str = "GBP") -> Any:
    return read_command(command, sent, Plain(), currency)


def problems(sent: dict[str, Any], command: type[Any] = Everything, currency: str = "GBP") -> dict[Path, ErrorCode]:
    with pytest.raises(ValidationFailed) as refusal:
        read(sent, command, currency)
    assert all(problem.message for problem in refusal.value.problems)
    return {problem.path: problem.code for problem in refusal.value.problems}


def refused(**sent: Any) -> ErrorCode:
    """The code of the one problem with the one field given."""
    ((path, code),) = problems({"name": "x", **sent}).items()
    assert path[0] in sent
    return code


def test_what_is_left_out_is_unset_and_what_is_null_is_none() -> None:
    command = read({"name": " Mug ", "note": None})
    assert command == Everything(name="Mug", note=None)
    assert command.count is UNSET
    assert not UNSET


def test_values_arrive_as_the_domains_own_types() -> None:
    command = read(
        {
            "name": "Mug",
            "count": Decimal("2.0"),
            "on_sale": True,
            "price": Decimal("1.5"),
            "starts_at": "2026-01-15T12:00:00.123999+02:00",
            "colour": "red",
            "attributes": {" size ": " L "},
            "metadata": {"n": 1, "deep": [{"x": Decimal("0.5")}], "gone": None},
            "leaves": ["https://x.example/1", {"url": "http://x.example/2", "price": None}],
        }
    )
    assert command == Everything(
        name="Mug",
        count=2,
        on_sale=True,
        price=Money(150, "GBP"),
        starts_at=datetime(2026, 1, 15, 10, 0, 0, 123_000, tzinfo=UTC),
        colour=Colour.RED,
        attributes={"size": "L"},
        metadata={"n": 1, "deep": [{"x": 0.5}], "gone": None},
        leaves=(Leaf(url="https://x.example/1"), Leaf(url="http://x.example/2", price=None)),
    )


def test_every_problem_is_found_at_once_and_where_it_is() -> None:
    sent = {
        "name": None,
        "nmae": "x",
        "note": "too long",
        "count": -1,
        "leaves": [{"url": "ftp://x", "prise": 1}, {"price": Decimal("0.001")}, 7],
    }
    assert problems(sent) == {
        ("nmae",): ErrorCode.UNKNOWN_FIELD,
        ("name",): ErrorCode.NULL_NOT_ALLOWED,
        ("note",): ErrorCode.TOO_LONG,
        ("count",): ErrorCode.TOO_SMALL,
        ("leaves", 0, "url"): ErrorCode.INVALID,
        ("leaves", 0, "prise"): ErrorCode.UNKNOWN_FIELD,
        ("leaves", 1, "url"): ErrorCode.REQUIRED,
        ("leaves", 1, "price"): ErrorCode.TOO_MANY_DECIMALS,
        ("leaves", 2): ErrorCode.INVALID,
    }


def test_fields_are_known_by_the_names_of_the_surface_and_problems_by_python_names() -> None:
    assert read_command(Everything, {"name": "x", "onSale": True}, Camel(), "GBP").on_sale is True
    with pytest.raises(ValidationFailed) as refusal:
        read_command(Everything, {"name": "x", "startsAt": 1, "starts_at": 1}, Camel(), "GBP")
    found = [(problem.path, problem.code) for problem in refusal.value.problems]
    assert found == [(("starts_at",), ErrorCode.UNKNOWN_FIELD), (("starts_at",), ErrorCode.INVALID)]


def test_what_is_required_must_be_there() -> None:
    assert problems({}) == {("name",): ErrorCode.REQUIRED}
    assert problems({}, CreateProduct) == {(name,): ErrorCode.REQUIRED for name in ("name", "price", "sku")}


@pytest.mark.parametrize("name", [spec.name for spec in specs(UpdateProduct)])
def test_null_is_refused_for_every_field_of_a_product(name: str) -> None:
    assert problems({"id": "prod_1", name: None}, UpdateProduct) == {(name,): ErrorCode.NULL_NOT_ALLOWED}


def test_an_empty_list_of_variants_is_refused_and_of_images_is_not() -> None:
    assert problems({"id": "prod_1", "variants": []}, UpdateProduct) == {("variants",): ErrorCode.TOO_SHORT}
    assert read({"id": "prod_1", "images": [], "tags": [], "categories": []}, UpdateProduct).images == ()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", ErrorCode.TOO_SHORT),
        (" \t\n ", ErrorCode.TOO_SHORT),
        ("x" * 11, ErrorCode.TOO_LONG),
        ("a/b", ErrorCode.INVALID),
        ("a\x00b", ErrorCode.INVALID),
        ("a\ud800b", ErrorCode.INVALID),
        (7, ErrorCode.INVALID),
        (True, ErrorCode.INVALID),
        (["x"], ErrorCode.INVALID),
        ({}, ErrorCode.INVALID),
        (b"x", ErrorCode.INVALID),
    ],
)
def test_text_that_cannot_be_kept_is_refused(value: object, code: ErrorCode) -> None:
    assert problems({"name": value}) == {("name",): code}


def test_text_is_measured_in_characters_as_it_is_sent() -> None:
    assert read({"name": "  " + "é" * 6 + "  "}).name == "é" * 6
    assert problems({"name": " " + "é" * 10}) == {("name",): ErrorCode.TOO_LONG}
    assert read({"name": "😀" * 10}).name == "😀" * 10


def test_exact_text_keeps_its_blanks_and_counts_them() -> None:
    rule = Text(min=1, max=4, exact=True, description="")
    reading = ReadContext(Plain(), "GBP")
    assert rule.read("\n a\t", str, ("text",), reading) == "\n a\t"
    for value, code in (("\n a\t ", ErrorCode.TOO_LONG), ("", ErrorCode.TOO_SHORT), ("\x00", ErrorCode.INVALID)):
        with pytest.raises(InvalidValueError) as refusal:
            rule.read(value, str, ("text",), reading)
        assert refusal.value.code is code


@pytest.mark.parametrize(
    "value", [True, False, "2", Decimal("2.5"), 2.5, None, [], Decimal("NaN"), Decimal("1E+999999")]
)
def test_only_whole_numbers_are_whole_numbers(value: object) -> None:
    assert refused(count=value) in {ErrorCode.INVALID, ErrorCode.NULL_NOT_ALLOWED}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, ErrorCode.TOO_SMALL),
        (101, ErrorCode.TOO_LARGE),
        (10**400, ErrorCode.TOO_LARGE),
        (-(10**400), ErrorCode.TOO_SMALL),
        (Decimal("1E+19"), ErrorCode.TOO_LARGE),
    ],
)
def test_numbers_out_of_bounds_are_refused(value: object, code: ErrorCode) -> None:
    assert refused(count=value) is code


@pytest.mark.parametrize("value", [0, 1, "true", "", []])
def test_a_flag_is_true_or_false_and_nothing_like_it(value: object) -> None:
    assert refused(on_sale=value) is ErrorCode.INVALID


@pytest.mark.parametrize(
    ("currency", "value", "code"),
    [
        ("GBP", Decimal("0.001"), ErrorCode.TOO_MANY_DECIMALS),
        ("JPY", Decimal("0.5"), ErrorCode.TOO_MANY_DECIMALS),
        ("KWD", Decimal("0.0001"), ErrorCode.TOO_MANY_DECIMALS),
        ("GBP", Decimal("-0.01"), ErrorCode.TOO_SMALL),
        ("GBP", Decimal(MAX_MINOR_UNITS), ErrorCode.TOO_LARGE),
        ("GBP", Decimal("1E+30"), ErrorCode.TOO_LARGE),
        ("GBP", Decimal("NaN"), ErrorCode.INVALID),
        ("GBP", "1.00", ErrorCode.INVALID),
        ("GBP", True, ErrorCode.INVALID),
        ("GBP", [], ErrorCode.INVALID),
        ("GBP", {"amount": "1", "currency": "USD"}, ErrorCode.CURRENCY_MISMATCH),
        ("GBP", {"amount": "1.234", "currency": "KWD"}, ErrorCode.CURRENCY_MISMATCH),
    ],
)
def test_amounts_the_currency_cannot_say_are_refused(currency: str, value: object, code: ErrorCode) -> None:
    assert problems({"name": "x", "price": value}, currency=currency) == {("price",): code}


def test_a_currency_may_be_written_in_any_case() -> None:
    assert read({"name": "x", "price": {"amount": "1", "currency": "gbp"}}).price == Money(100, "GBP")


@pytest.mark.parametrize("value", ["green", "RED", "", 1, True, [], {}, None])
def test_a_choice_is_one_of_its_values(value: object) -> None:
    assert refused(colour=value) in {ErrorCode.INVALID, ErrorCode.NULL_NOT_ALLOWED}


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-15",
        "2026-01-15T10:00:00",
        "soon",
        "",
        0,
        True,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_instant_needs_its_offset_and_a_year_we_can_keep(value: object) -> None:
    assert refused(starts_at=value) is ErrorCode.INVALID
