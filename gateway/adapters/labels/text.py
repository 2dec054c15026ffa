"""The lines of a label that both kinds of printers write."""

from __future__ import annotations

from collections.abc import Callable

from domain.kernel.address import Address

SANDBOX_TEXT = "SANDBOX: not valid for shipping"
GROUP_LENGTH = 4


def address_lines(address: Address) -> list[str]:
    """An address as it stands on a label, the recipient first and the country last."""
    name = " ".join(filter(None, (address.first_name, address.last_name)))
    place = " ".join(filter(None, (address.city, address.state, address.zip)))
    lines = (name, address.company, address.line1, address.line2, place, address.country)
    return [line for line in lines if line]


def grouped(number: str) -> str:
    """A tracking number in groups of four, to be read aloud."""
    return " ".join(number[start : start + GROUP_LENGTH] for start in range(0, len(number), GROUP_LENGTH))


def wrapped(text: str, fits: Callable[[str], bool], most: int) -> list[str]:
    """A text in at most so many lines that each fit; what is left over ends in an ellipsis."""
    lines: list[str] = []
    left = text.split()
    while left and len(lines) < most:
        taken = 1
        while taken < len(left) and fits(" ".join(left[: taken + 1])):
            taken += 1
        line, left = " ".join(left[:taken]), left[taken:]
        if not fits(line) or (left and len(lines) == most - 1):
            line = _cut(" ".join([line, *left]) if len(lines) == most - 1 else line, fits)
        lines.append(line)
    return lines


def _cut(text: str, fits: Callable[[str], bool]) -> str:
    if fits(text):
        return text
    while text and not fits(f"{text}…"):
        text = text[:-1]
    return f"{text.rstrip()}…"
