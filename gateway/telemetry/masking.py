"""Masking of secrets in log lines: the last protection, whatever was written into a message.

No log line of the gateway contains a secret; this is for messages of libraries. Each pattern runs only on text that
contains its marker, so a line without any costs a few substring searches (2 µs for 400 characters).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

MASK = "[redacted]"
MIN_SECRET_LENGTH = 12
"""Minimum characters; a shorter known value would mask ordinary words."""

Redact = Callable[[str], str]

_KEY = re.compile(r"((?:live|test)_)[A-Za-z0-9_-]{20,}")
_MARKED: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("live_", _KEY, rf"\1{MASK}"),
    ("test_", _KEY, rf"\1{MASK}"),
    ("whsec_", re.compile(r"(whsec_)[A-Za-z0-9+/=_-]{8,}"), rf"\1{MASK}"),
    ("://", re.compile(r"(://[^/\s:@\"']*:)[^/\s@\"']+(?=@)"), rf"\1{MASK}"),
    ("earer ", re.compile(r"([Bb]earer )[A-Za-z0-9._~+/-]{8,}=*"), rf"\1{MASK}"),
    ("asic ", re.compile(r"([Bb]asic )[A-Za-z0-9+/]{8,}=*"), rf"\1{MASK}"),
    ("=", re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}="), MASK),  # 32 bytes in base64: an encryption key
)
_CARD_DIGITS = b"0" * 13
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")


def make_masker(secrets: Iterable[str] = ()) -> Redact:
    """A function that masks what looks like a secret, and every one of ``secrets`` however it looks."""
    known = tuple(secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH)

    def redact(text: str) -> str:
        for marker, pattern, mask in _MARKED:
            if marker in text:
                text = pattern.sub(mask, text)
        for secret in known:
            if secret in text:
                text = text.replace(secret, MASK)
        return _DIGITS.sub(_without_card, text) if _may_hold_card(text) else text

    return redact


def _may_hold_card(text: str) -> bool:
    """Whether there are enough digits in a row; a tenth of the time that the pattern takes to find none."""
    return _CARD_DIGITS in text.encode(errors="replace").translate(_ZEROS, b" -")


def _without_card(found: re.Match[str]) -> str:
    digits = [int(character) for character in found[0] if character.isdigit()]
    return MASK if _is_card(digits) else found[0]


def _is_card(digits: list[int]) -> bool:
    """Whether the check digit of payment cards (ISO/IEC 7812, Luhn) fits: one number in ten does by chance."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
