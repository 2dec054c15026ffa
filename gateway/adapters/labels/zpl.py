"""Labels in ZPL II, the language of thermal printers: 4 by 6 inches at 203 dots per inch.

Printers draw the text themselves, in UTF-8 (``^CI28``) with their own scalable font; bars are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from domain.kernel.address import Address
from domain.shipping.ports import Label
from gateway.adapters.labels.barcode import LABEL_DOTS, dots_of_module, subset_runs, width_of
from gateway.adapters.labels.raster import rendered_pages
from gateway.adapters.labels.text import SANDBOX_TEXT, address_lines, grouped, wrapped

if TYPE_CHECKING:
    from PIL.Image import Image

_WIDTH, _HEIGHT = LABEL_DOTS, 1_218
_MARGIN, _ADDRESS_LEFT = 30, 150
_SHIP_TO_TOP, _BARCODE_TOP = 440, 760
"""Where the parts begin, on every label: an address must not push its barcode off."""
_LINE_GAP = 6
_SMALLEST = 14
_MODULE_DOTS = (3, 2)
_STARTS, _CHANGES, _FNC1 = {"B": ">:", "C": ">;"}, {"B": ">6", "C": ">5"}, ">8"
_NARROW, _USUAL, _WIDE = 0.35, 0.62, 0.9
"""Parts of the size of the font."""
_NARROW_LETTERS, _WIDE_LETTERS = frozenset("Iijl.,:;'|!()[] "), frozenset("MWmw@%")


class ZplLabels:
    """Writes labels for printers that understand ZPL."""

    def print_labels(self, labels: Sequence[Label]) -> bytes:
        """The commands for all labels, one after the other."""
        return "\n".join(_label(label) for label in labels).encode()

    def convert(self, pdf: bytes) -> bytes:
        """The pages of a PDF as pictures (``^GFA``), dot by dot."""
        return "\n".join(_picture(page) for page in rendered_pages(pdf)).encode()


def _label(label: Label) -> str:
    y = 30
    parts = ["^XA", "^CI28", f"^PW{_WIDTH}", f"^LL{_HEIGHT}"]
    if label.is_sandbox:
        parts += [f"^FO0,{y}^GB{_WIDTH},50,50^FS", _text(SANDBOX_TEXT, 60, y + 10, 34, reverse=True)]
        y += 65
    parts += [_fitted(label.carrier, 30, y, 64, 360), _fitted(label.service, 400, y + 20, 36, 382), _rule(y + 80)]
    parts += [_rule(_SHIP_TO_TOP), _rule(_BARCODE_TOP)]
    parts += _address("FROM", label.ship_from, 24, y + 95, _SHIP_TO_TOP)
    parts += _address("SHIP TO", label.ship_to, 36, _SHIP_TO_TOP + 15, _BARCODE_TOP)
    y = _BARCODE_TOP + 15
    parts += _barcode(label, y)
    y += 260
    foot = f"Order {label.order_number}  {label.shipped_on.isoformat()}  {label.number}/{label.count}  {label.weight}"
    parts += [_rule(y), _fitted(foot, 30, y + 15, 26, _WIDTH - 60)]
    if label.needs_signature:
        parts.append(_text("SIGNATURE REQUIRED", 200, y + 55, 40))
    return "\n".join([*parts, "^XZ"])


def _address(title: str, address: Address, size: int, top: int, bottom: int) -> list[str]:
    """An address, smaller where it would reach below ``bottom``: each line is wrapped twice, and then cut."""
    room = bottom - top
    lines = _wrapped_address(address, size)
    while len(lines) * (size + _LINE_GAP) > room and size > _SMALLEST:
        size -= 2
        lines = _wrapped_address(address, size)
    shown = lines[: room // (size + _LINE_GAP)]
    written = [_text(line, _ADDRESS_LEFT, top + at * (size + _LINE_GAP), size) for at, line in enumerate(shown)]
    return [_text(title, 30, top, 20), *written]


def _wrapped_address(address: Address, size: int) -> list[str]:
    def fits(text: str) -> bool:
        return _width_of(text, size) <= _WIDTH - _ADDRESS_LEFT - _MARGIN

    return [part for line in address_lines(address) for part in wrapped(line, fits, 3)]


def _picture(page: Image) -> str:
    """A page of one bit a dot, where 1 is white; in ZPL it is black. Lines end with a whole byte."""
    width = (page.width + 7) // 8
    black = page.point(lambda dot: 255 - dot).tobytes()
    content = f"^GFA,{len(black)},{len(black)},{width},{black.hex().upper()}"
    return "\n".join(["^XA", f"^PW{_WIDTH}", f"^LL{_HEIGHT}", f"^FO0,0{content}^FS", "^XZ"])


def _barcode(label: Label, y: int) -> list[str]:
    """A Code 128 in the middle, with the widest bars that fit."""
    text, symbols = _code128(label.barcode)
    modules = width_of(symbols)
    dots = dots_of_module(modules, _MODULE_DOTS)
    x = max(_WIDTH - modules * dots, 0) // 2
    number = _fitted(grouped(label.tracking_number), 60, y + 200, 34, _WIDTH - 120)
    return [f"^FO{x},{y}^BY{dots}^BCN,180,N,N,N^FD{text}^FS", number]


def _code128(elements: Sequence[str]) -> tuple[str, int]:
    """The field data of a barcode, and its symbols without start, check and stop.

    ``>:`` and ``>;`` start in subset B and C, ``>6`` and ``>5`` change to them. ``>8`` is the function character 1: it
    begins and separates the elements of a GS1-128.
    """
    text, symbols, subset = "", 0, ""
    for element in elements:
        for place, (needed, run) in enumerate(subset_runs(element)):
            if not subset:
                text += _STARTS[needed]
            elif needed != subset:
                text, symbols = text + _CHANGES[needed], symbols + 1
            if place == 0 and len(elements) > 1:
                text, symbols = text + _FNC1, symbols + 1
            text, symbols = text + run, symbols + (len(run) // 2 if needed == "C" else len(run))
            subset = needed
    return text, symbols


def _rule(y: int) -> str:
    return f"^FO0,{y}^GB{_WIDTH},3,3^FS"


def _text(text: str, x: int, y: int, size: int, *, reverse: bool = False) -> str:
    """A line of text. ``^FH`` makes ``_`` an escape: the letters of commands are written by their codes."""
    safe = "".join(f"_{ord(each):02X}" if each in "^~_" else each for each in text)
    return f"^FO{x},{y}^A0N,{size},{size}{'^FR' if reverse else ''}^FH^FD{safe}^FS"


def _fitted(text: str, x: int, y: int, size: int, width: int) -> str:
    """A line of text, smaller where it would be wider."""
    return _text(text, x, y, min(size, max(int(size * width / max(_width_of(text, size), 1)), 8)))


def _width_of(text: str, size: int) -> float:
    """The dots that a text takes, at most: printers have fonts of their own, so each letter counts as a wide one of its
    kind.
    """
    return size * sum(
        _NARROW if each in _NARROW_LETTERS else _WIDE if each in _WIDE_LETTERS else _USUAL for each in text
    )
