"""Chance that falls the same way every time: what is invented of the shop is spread by it."""

from hashlib import sha256


def stable_number(subject: str, purpose: str) -> int:
    """A stable large number; Python's own `hash` differs from process to process."""
    return int.from_bytes(sha256(f"{purpose}:{subject}".encode()).digest()[:8], "big")
