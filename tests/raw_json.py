"""JSON as it was sent, for what parsing loses: the digits of a number."""

from __future__ import annotations

import re

_TOKENS = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+')


def compact(content: bytes) -> bytes:
    """The same without blanks between tokens: PostgreSQL writes them, and they mean nothing."""
    return _TOKENS.sub(lambda found: found[1] or b"", content)
