"""The width of Code 128 barcodes, and which parts of their text are in subset B (letters) and C (pairs of digits)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LABEL_DOTS = 812
"""4 inches at 203 dots per inch."""
_QUIET_MODULES = 10
"""Empty modules that a reader needs at each side (ISO/IEC 15417)."""
_MIN_PAIRED, _PAIR = 4, 2
_SYMBOL_MODULES, _STOP_MODULES = 11, 13


def subset_runs(text: str) -> Iterator[tuple[str, str]]:
    """The runs of a text with their subsets. Four digits or more are paired; an odd one stays with what precedes it."""
    for part in re.findall(rf"[0-9]{{{_MIN_PAIRED},}}|(?:(?![0-9]{{{_MIN_PAIRED}}}).)+", text):
        if len(part) < _MIN_PAIRED or not part.isdigit():
            yield "B", part
            continue
        odd = len(part) % _PAIR
        if odd:
            yield "B", part[:odd]
        yield "C", part[odd:]


def width_of(symbols: int) -> int:
    """The modules of a barcode of so many symbols, with start, check and stop but without quiet zones."""
    return _SYMBOL_MODULES * (symbols + 2) + _STOP_MODULES


def dots_of_module(modules: int, sizes: Sequence[int]) -> int:
    """The dots of the narrowest bar: the greatest of these sizes with which the barcode fits on the label, or 1."""
    return next((each for each in sizes if each * (modules + 2 * _QUIET_MODULES) <= LABEL_DOTS), 1)
