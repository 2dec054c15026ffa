"""Masking of secrets in log lines: the last protection, whatever was written into a message.

No log line of the gateway contains a secret; this is for messages of libraries. Each pattern runs only on text that
contains its marker, so a line without any costs a few substring searches (2 µs for 400 characters).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from domain.kernel.card_numbers import mask_card_numbers

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
        return mask_card_numbers(text, MASK)

    return redact
