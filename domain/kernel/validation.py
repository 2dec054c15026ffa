"""Checks of single values: text, numbers and JSON before they are stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from domain.kernel.clock import at_milliseconds
from domain.kernel.errors import ErrorCode

MAX_KEY_LENGTH = 255
"""Characters of an index key. A fold can be many times as long as its text, and a B-tree entry has at most 2,704 bytes.
"""
MAX_FOLDED_LENGTH = 1_000
"""Maximum characters that are folded: the longest key consists of two names of 255. Sorting combining marks takes time
that grows with the square of their number: 80 KB took 4.1 s, this many take 1.6 ms at worst.
"""

INVISIBLE = (
    "\x01-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
"""Characters of the basic plane that show nothing, as the inside of a regular expression's class: controls, Unicode's
Default_Ignorable_Code_Point, and fillers that fonts draw as a blank."""
_BEYOND = "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
_PARTS_OF_EMOJI = "\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff"
"""Invisible too, but at the end of a text they may belong to the character before: variation selectors, flags."""
_TRIMMED = "".join(re.findall(rf"(?![{_PARTS_OF_EMOJI}])[\s{INVISIBLE}]", "".join(map(chr, range(0x10000)))))
_VISIBLE = re.compile(rf"[^\s{INVISIBLE}{_BEYOND}]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class InvalidValueError(ValueError):
    """A single value is invalid."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def fold(text: str) -> str:
    """The form under which text is compared and sorted: NFKC, case folded, blanks collapsed.

    Raises ValueError beyond MAX_FOLDED_LENGTH: check the length of input first, no text so long is stored.
    """
    if len(text) > MAX_FOLDED_LENGTH:
        raise ValueError(f"cannot fold a text of {len(text):,} characters; at most {MAX_FOLDED_LENGTH:,}")
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=10_000)
def fold_key(key: str) -> str:
    """``fold`` of a short key that recurs, such as a SKU: finding it again takes a tenth of folding it."""
    return fold(key)


def index_key(text: str) -> str:
    """The folded beginning of ``text`` as an index key: long enough to sort by, short enough for a B-tree entry.

    Raises as ``fold``.
    """
    return fold(text)[:MAX_KEY_LENGTH]


MAX_SEARCHED_LENGTH = 1_000
"""Characters of a text that become its search form: normalizing sorts runs of marks, in quadratic time."""
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n"}
)
"""Letters that Unicode does not decompose into a letter and a mark."""
_ACCENTS = frozenset({1, *range(10, 37), *range(200, 241)})
"""Canonical combining classes of marks that people leave out when they type: strokes, the points of Hebrew and Arabic,
and all that stand above or below a letter. Not those that make another letter of it, such as the voicing of kana."""


def search_form(text: str) -> str:
    """The form under which text is searched for and names are sorted: folded, and without accents.

    ``Crème Brûlée`` is ``creme brulee``, ``Straße`` is ``strasse``, ``Łódź`` is ``lodz``. A text of accents alone keeps
    them. Not for keys that must be unique: two names may well have the same one. Made of the first 1,000 characters.
    """
    text = text[:MAX_SEARCHED_LENGTH]
    if text.isascii():  # nothing to decompose: a fifth of the time
        return " ".join(text.casefold().split())
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if unicodedata.combining(character) not in _ACCENTS)
    found = unicodedata.normalize("NFKC", bare.casefold().translate(_LETTERS)).split()
    return " ".join(found or unicodedata.normalize("NFKC", decomposed.casefold()).split())


def name_key_of(name: str) -> str:
    """The beginning of a name's search form as an index key, short enough for a B-tree entry."""
    return search_form(name)[:MAX_KEY_LENGTH]


def clean_text(
    value: Any,
    minimum: int,
    maximum: int,
    pattern: str | None,
    *,
    exact: bool = False,
    form: str | None = None,
    example: str | None = None,
) -> str:
    """``value`` without the blanks and invisible characters around it, or with ``exact`` as it is.

    ``form``: what ``pattern`` requires, in words that complete "Must be …"; ``example``: a text that matches it. The
    length is checked before anything that looks into the text. Raises InvalidValueError for a text that PostgreSQL
    cannot store, that is outside its limits, or that has no visible character although it must not be empty.
    """
    if not isinstance(value, str):
        raise InvalidValueError(ErrorCode.INVALID, "Must be a string.")
    if len(value) > maximum:
        raise InvalidValueError(ErrorCode.TOO_LONG, f"Must have at most {maximum:,} characters, not {len(value):,}.")
    text = value if exact else trimmed(value)
    if not is_storable(text):
        raise InvalidValueError(ErrorCode.INVALID, "Must be valid UTF-8 without NUL characters.")
    if minimum and not exact and not is_visible(text):
        raise InvalidValueError(ErrorCode.TOO_SHORT, "Must not be empty.")
    if len(text) < minimum:
        raise InvalidValueError(
            ErrorCode.TOO_SHORT, "Must not be empty." if minimum == 1 else f"Must have at least {minimum} characters."
        )
    if pattern is not None and re.fullmatch(pattern, text) is None:
        raise InvalidValueError(ErrorCode.INVALID, f"Must be {form}." if form else _invalid_format(example))
    return text


def _invalid_format(example: str | None) -> str:
    return "Has an invalid format." if example is None else f"Has an invalid format. Example: {example}."


def trimmed(text: str) -> str:
    """``text`` without the blanks and the invisible characters around it."""
    return text.strip(_TRIMMED)


def is_visible(text: str) -> bool:
    """Whether ``text`` has a visible character. Zero-width characters, direction marks and fillers are invisible."""
    return _VISIBLE.search(text) is not None


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can store ``text``: JSON can carry NUL and lone surrogates, a text column cannot."""
    return _UNSTORABLE.search(text) is None


def whole_number(value: Any) -> int | None:
    """``value`` as an int (``2.0`` is 2, as in JSON Schema); None if it is none."""
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 20 and value == int(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def clean_integer(value: Any, minimum: int, maximum: int) -> int:
    """``value`` as an int. Raises InvalidValueError."""
    number = whole_number(value)
    if number is None:
        raise InvalidValueError(ErrorCode.INVALID, "Must be an integer.")
    if number < minimum:
        raise InvalidValueError(ErrorCode.TOO_SMALL, f"Must be at least {minimum}.")
    if number > maximum:
        raise InvalidValueError(ErrorCode.TOO_LARGE, f"Must be at most {maximum}.")
    return number


def clean_instant(value: Any) -> datetime:
    """An RFC 3339 date-time with offset (or an aware datetime), as UTC milliseconds. Raises InvalidValueError."""
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            return at_milliseconds(instant.astimezone(UTC))
    except (ValueError, TypeError, OverflowError):
        pass
    raise InvalidValueError(ErrorCode.INVALID, "Must be a date-time with offset, such as 2026-01-15T10:30:00Z.")


def clean_json(value: Mapping[str, Any], maximum: int) -> dict[str, Any]:
    """Plain JSON that a jsonb column can store, of at most ``maximum`` bytes. Raises InvalidValueError."""
    try:
        written = orjson.dumps(value, default=_number)
    except (TypeError, RecursionError):
        raise InvalidValueError(
            ErrorCode.INVALID, "Must be JSON with valid UTF-8 text and finite numbers of 64 bits."
        ) from None
    if len(written) > maximum:
        raise InvalidValueError(ErrorCode.TOO_LONG, f"Must have at most {maximum:,} bytes as JSON.")
    if b"\\u0000" in written.replace(b"\\\\", b""):  # an escaped backslash may stand before a plain u0000
        raise InvalidValueError(ErrorCode.INVALID, "Must not contain NUL characters.")
    read: dict[str, Any] = orjson.loads(written)
    return read


def _number(value: Any) -> float:
    """A Decimal as a float. Fractions are read as Decimals; outside money they are ordinary JSON numbers."""
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 300:
        return float(value)
    raise TypeError(type(value).__name__)
