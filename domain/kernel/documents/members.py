"""Members of documents: each kind says from one declaration how Python writes its value from a row, and how PostgreSQL
does. ``rest_compat.openapi`` makes its schema of the same declaration.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import orjson

from domain.kernel.documents.json_formats import JsonAmount, JsonDecimal, JsonLower, JsonSecond
from domain.kernel.reads.json_objects import (
    ColumnKind,
    JsonColumn,
    NotPushableError,
    Value,
)
from domain.kernel.reads.json_values import JsonNumberText, JsonTexts
from domain.kernel.reads.read import Read
from domain.kernel.serialization import format_amount, format_instant
from domain.kernel.sql.executor import Row

if TYPE_CHECKING:
    from domain.kernel.documents.document import Document, WriteContext

Scopes = tuple[str, ...]
"""Scopes of which any is enough."""
View = frozenset[Scopes]
"""What a caller sees of a document: the guards of its members that they satisfy."""


class Relation(NamedTuple):
    """Rows that a member needs besides its own."""

    read: Read
    key: str
    """The column of the own row."""
    document: type[Document] | None
    """What is written of them, which may have relations itself."""


@dataclass(frozen=True)
class Member(ABC):
    """A member of a document."""

    description: str
    _: KW_ONLY
    example: Any = None
    column: str = ""
    """The column of the row; by default called as the member."""
    nullable: bool = False
    versioned: bool = True
    """Whether a change of the member changes the version of the document. Stock, sums and the like do not: only the
    whole ETag covers them.
    """
    scopes: Scopes = ()
    """Left out for callers who have none of them."""
    only_new: bool = False
    """Only in the response that creates or rolls the object: a secret."""

    def called(self, name: str) -> Self:
        """The same under this name."""
        return self if self.column else replace(self, column=name)

    @abstractmethod
    def value(self, row: Row, context: WriteContext) -> Any:
        """The value of a row, as orjson encodes it."""

    def json_value(self, view: View) -> Value:
        """The value as PostgreSQL writes it. Raises NotPushableError where it cannot."""
        raise NotPushableError(f"{type(self).__name__} of {self.column}")

    def is_in(self, view: View) -> bool:
        """Whether the document has it, for who sees this."""
        return not self.only_new and (not self.scopes or self.scopes in view)

    def relations(self, view: View) -> Iterator[Relation]:
        """The rows that it needs besides its own."""
        yield from ()

    @property
    def guards(self) -> Iterator[Scopes]:
        """The scopes that it needs, and those of the members of the documents within."""
        if self.scopes:
            yield self.scopes
        for within in self.documents:
            yield from within.guards

    @property
    def documents(self) -> tuple[type[Document], ...]:
        """The documents within it."""
        return ()

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return False


@dataclass(frozen=True)
class PlainMember(Member):
    """A column as it is."""

    def value(self, row: Row, context: WriteContext) -> Any:
        return getattr(row, self.column)


@dataclass(frozen=True)
class TextMember(PlainMember):
    """A text."""

    def json_value(self, view: View) -> Value:
        return JsonColumn(self.column, ColumnKind.TEXT, required=False)


@dataclass(frozen=True)
class IntegerMember(PlainMember):
    """A whole number."""

    def json_value(self, view: View) -> Value:
        return JsonColumn(self.column, ColumnKind.LONG, required=False)


@dataclass(frozen=True)
class BooleanMember(PlainMember):
    """True or false."""

    def json_value(self, view: View) -> Value:
        return JsonColumn(self.column, ColumnKind.BOOLEAN, required=False)


@dataclass(frozen=True)
class EnumMember(PlainMember):
    """One of a few keywords, stored as REST writes them: in lower case."""

    type: type[StrEnum]

    def json_value(self, view: View) -> Value:
        return JsonColumn(self.column, ColumnKind.TEXT, required=False)


@dataclass(frozen=True)
class TextListMember(PlainMember):
    """A list of texts; ``type``: of these keywords."""

    type: type[str] = str

    @property
    def is_list(self) -> bool:
        return True

    def json_value(self, view: View) -> Value:
        return JsonTexts(self.column, required=False)


@dataclass(frozen=True)
class JsonMember(PlainMember):
    """A JSON object of free form; ``values``: the type of its members."""

    _: KW_ONLY
    values: Any = Any

    def json_value(self, view: View) -> Value:
        return JsonColumn(self.column, ColumnKind.JSON, required=False)


@dataclass(frozen=True)
class NumberTextMember(Member):
    """A whole number, written as text."""

    def value(self, row: Row, context: WriteContext) -> Any:
        return str(getattr(row, self.column))

    def json_value(self, view: View) -> Value:
        return JsonNumberText(self.column, required=False)


@dataclass(frozen=True)
class CurrencyMember(Member):
    """A currency, as a lower-case ISO 4217 code."""

    def value(self, row: Row, context: WriteContext) -> Any:
        return getattr(row, self.column).lower()

    def json_value(self, view: View) -> Value:
        return JsonLower(self.column)


@dataclass(frozen=True)
class InstantMember(Member):
    """RFC 3339 in UTC, in whole seconds: ``2026-01-15T10:30:00Z``."""

    def value(self, row: Row, context: WriteContext) -> Any:
        moment = getattr(row, self.column)
        return None if moment is None else format_instant(moment)

    def json_value(self, view: View) -> Value:
        return JsonSecond(self.column)


@dataclass(frozen=True)
class AmountMember(Member):
    """Minor units, written in major ones with exactly the digits of the currency: ``200.00``, never through a float."""

    _: KW_ONLY
    currency: str = "currency"
    """The column of the currency, as an upper-case code."""
    when: str = ""
    """A column of true or false: null where it is false."""

    def value(self, row: Row, context: WriteContext) -> Any:
        minor_units = getattr(row, self.column)
        if minor_units is None or (self.when and not getattr(row, self.when)):
            return None
        return format_amount(minor_units, getattr(row, self.currency))

    def json_value(self, view: View) -> Value:
        return JsonAmount(self.column, self.currency, self.when)


@dataclass(frozen=True)
class DecimalMember(Member):
    """A decimal number with the digits it is stored with."""

    def value(self, row: Row, context: WriteContext) -> Any:
        number = getattr(row, self.column)
        return None if number is None else orjson.Fragment(f"{Decimal(number):f}".encode())

    def json_value(self, view: View) -> Value:
        return JsonDecimal(self.column)
