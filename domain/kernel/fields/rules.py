"""What a single value must be: its limits and its meaning, and how it is read."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, ClassVar, Final, Literal, Protocol

from domain.kernel.errors import ErrorCode, Path, Problem
from domain.kernel.fields.hosts import with_ascii_host
from domain.kernel.fields.suggestions import suggestion, unknown_word
from domain.kernel.validation import (
    InvalidValueError,
    clean_instant,
    clean_integer,
    clean_text,
    is_storable,
)


class Unset(Enum):
    """The value of an omitted field; not the same as null."""

    UNSET = "unset"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
Json = dict[str, Any]


class FieldLocation(StrEnum):
    """Where REST carries a field; GraphQL carries every field in the input."""

    BODY = "body"
    PATH = "path"
    VERSION = "version"
    """``If-Match``, or ``version`` in the body."""
    QUERY = "query"
    """A parameter, of methods that have no body, and of uploads."""
    CONTENT = "content"
    """The bytes of the body, of an upload."""
    CONTENT_TYPE = "content_type"
    """``Content-Type``, of an upload."""


class WireFormat(Protocol):
    """How a surface writes field names and money."""

    null_is_absent: bool
    """Whether null, where it clears nothing, is the same as leaving the field out: clients of GraphQL send null for
    variables that are not set."""

    def name(self, python_name: str) -> str:
        """The name of the field on this surface. ``from_`` is ``from``: Python has that word for itself."""

    def amount(self, value: object) -> tuple[Decimal, str | None]:
        """Major units and, if sent, the currency. Raises ValueError, naming the valid form, for any other value."""

    def minor_amount(self, value: object, currency: str) -> tuple[Decimal, str | None]:
        """As ``amount``, of a field that REST writes in minor units of ``currency``."""


MAX_SUGGESTIONS = 20
"""Unknown names of one request that get a guess at what they were meant to be: it takes time with their number."""


@dataclasses.dataclass(frozen=True, slots=True)
class ReadContext:
    """The state of reading one command: wire format, currency of the store, problems so far."""

    wire_format: WireFormat
    currency: str
    problems: list[Problem] = dataclasses.field(default_factory=list)

    def refuse_unknown(self, path: Path, noun: str, known: Iterable[str]) -> None:
        """Add the problem that the last name of ``path`` is not in ``known``, with the nearest known name."""
        helped = len(self.problems) < MAX_SUGGESTIONS
        more = suggestion(path[-1], known) if helped else "."
        self.problems.append(Problem(path, ErrorCode.UNKNOWN_FIELD, f"Unknown {noun}{more}"))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rule(ABC):
    """The base of all rules of input fields."""

    description: str
    example: Any = None
    place: FieldLocation = FieldLocation.BODY

    @abstractmethod
    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Any:
        """Read the sent value as a value of the domain. Raises InvalidValueError, or adds problems to ``reading``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Text(Rule):
    """Unicode text, trimmed; at most ``max`` characters as it is sent, at least ``min`` after trimming."""

    min: int = 0
    max: int
    exact: bool = False
    """Stored exactly as sent, including blanks around it."""
    pattern: str | None = None
    """A regular expression the whole text must match."""
    form: str | None = None
    """What the pattern requires, in words that complete "Must be …"."""
    words: tuple[str, ...] = ()
    """The allowed texts, if only these few are valid; ``noun`` is what a message calls one of them."""
    noun: str = "value"
    format: str | None = None
    """A JSON Schema format, for the documentation."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> str:
        if self.words:
            text = clean_text(value, self.min, self.max, None)
            if text not in self.words:
                raise InvalidValueError(ErrorCode.INVALID, unknown_word(self.noun, text, self.words))
            return text
        return clean_text(
            value, self.min, self.max, self.pattern, exact=self.exact, form=self.form, example=self.example
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LookupText(Text):
    """A text by which something is looked up. One that cannot be stored is read as an empty one: neither finds
    anything."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> str:
        if isinstance(value, str) and len(value) <= self.max and not is_storable(value):
            return ""
        return clean_text(value, 0, self.max, None)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Url(Rule):
    """An absolute http or https address; never fetched. Its scheme and host are kept in lower case and in ASCII, names
    of other letters in their xn-- form."""

    max: ClassVar[int] = 2000
    form: ClassVar[str] = "an absolute http or https URL without blanks, such as https://example.com/a.jpg"
    pattern: ClassVar[str] = r"https?://[A-Za-z0-9._~%-]+(:[0-9]{1,5})?([/?#]\S*)?"

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> str:
        text = with_ascii_host(clean_text(value, 1, self.max, None))
        return clean_text(text, 1, self.max, self.pattern, form=self.form)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Rule):
    """An integer within bounds, both inclusive; at most 32 bits, as GraphQL's Int."""

    min: int = 0
    max: int = 2**31 - 1

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> int:
        return clean_integer(value, self.min, self.max)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(Rule):
    """True or false."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> bool:
        if not isinstance(value, bool):
            raise InvalidValueError(ErrorCode.INVALID, "Must be true or false.")
        return value


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Percent(Rule):
    """A percentage from 0 to 100 with at most four decimals, kept as a Decimal: 17.5 is seventeen and a half of 100."""

    max: ClassVar[int] = 100
    decimals: ClassVar[int] = 4

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            raise InvalidValueError(ErrorCode.INVALID, "Must be a number.")
        percent = Decimal(value)
        if percent < 0:
            raise InvalidValueError(ErrorCode.TOO_SMALL, "Must not be negative.")
        if percent > self.max:
            raise InvalidValueError(ErrorCode.TOO_LARGE, f"Must be at most {self.max}.")
        if percent != round(percent, self.decimals):
            raise InvalidValueError(ErrorCode.TOO_MANY_DECIMALS, f"Must have at most {self.decimals} decimals.")
        return percent


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Number(Rule):
    """A decimal number of zero or more, kept exactly, as a Decimal; never through a float."""

    max: int
    decimals: int
    is_positive: bool = False
    """Whether zero is refused."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            raise InvalidValueError(ErrorCode.INVALID, "Must be a number.")
        number = Decimal(value)
        if number < 0:
            raise InvalidValueError(ErrorCode.TOO_SMALL, "Must not be negative.")
        if self.is_positive and not number:
            raise InvalidValueError(ErrorCode.TOO_SMALL, "Must be greater than zero.")
        if number > self.max:
            raise InvalidValueError(ErrorCode.TOO_LARGE, f"Must be at most {self.max:,}.")
        if number and number.normalize().as_tuple().exponent < -self.decimals:  # type: ignore[operator]  # it is finite
            raise InvalidValueError(ErrorCode.TOO_MANY_DECIMALS, f"Must have at most {self.decimals} decimals.")
        return number


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DateTime(Rule):
    """An instant: RFC 3339 with its offset, kept in UTC to the millisecond."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> datetime:
        return clean_instant(value)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Rule):
    """One of the values of a StrEnum."""

    names_all: bool = False
    """Whether a refusal names all values, not just the nearest."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Any:
        try:
            return base(value)
        except ValueError:
            known = tuple(member.value for member in base)
            message = unknown_word(_noun(path), value, known, names_all=self.names_all)
            raise InvalidValueError(ErrorCode.INVALID, message) from None


def _noun(path: Path) -> str:
    """The noun for a value at a path: ``status``, or ``type`` of ``types``."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "value").replace("_", " ")
    return name if name.endswith("us") else name.removesuffix("s")
