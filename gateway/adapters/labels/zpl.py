"""Labels in ZPL II, the language of thermal printers: 4 by 6 inches at 203 dots per inch.

Printers draw the text themselves, in UTF-8 (``^CI28``) with their own scalable font; bars are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from domain.shipping.ports import Label
from gateway.adapters.labels.raster import rendered_pages
from gateway.adapters.labels.text import SANDBOX_TEXT, address_lines, grouped

if TYPE_CHECKING:
    from PIL.Image import Image

_WIDTH, _HEIGHT = 812, 1_218
_LINE_LENGTH = 44
"""Characters of a line of an address at its size."""


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
    parts += [_text(label.carrier, 30, y, 64), _text(label.service, 400, y + 20, 36), _rule(y + 80)]
    y += 95
    for title, address, size in (("FROM", label.ship_from, 24), ("SHIP TO", label.ship_to, 36)):
        parts.append(_text(title, 30, y, 20))
        for line in address_lines(address):
            parts.append(_text(line[:_LINE_LENGTH], 150, y, size))
            y += size + 6
        parts.append(_rule(y))
        y += 15
    parts += _barcode(label, y)
    y += 260
    foot = f"Order {label.order_number}  {label.shipped_on.isoformat()}  {label.number}/{label.count}  {label.weight}"
    parts += [_rule(y), _text(foot, 30, y + 15, 26)]
    if label.needs_signature:
        parts.append(_text("SIGNATURE REQUIRED", 200, y + 55, 40))
    return "\n".join([*parts, "^XZ"])


def _picture(page: Image) -> str:
    """A page of one bit a dot, where 1 is white; in ZPL it is black. Lines end with a whole byte."""
    width = (page.width + 7) // 8
    black = page.point(lambda dot: 255 - dot).tobytes()
    content = f"^GFA,{len(black)},{len(black)},{width},{black.hex().upper()}"
    return "\n".join(["^XA", f"^PW{_WIDTH}", f"^LL{_HEIGHT}", f"^FO0,0{content}^FS", "^XZ"])


def _barcode(label: Label, y: int) -> list[str]:
    """A Code 128; ``>;`` and ``>8`` are the start of subset C and the function character 1."""
    text = ">;" + "".join(f">8{element}" for element in label.barcode) if len(label.barcode) > 1 else label.barcode[0]
    return [f"^FO60,{y}^BY3^BCN,180,N,N,N^FD{text}^FS", _text(grouped(label.tracking_number), 120, y + 200, 34)]


def _rule(y: int) -> str:
    return f"^FO0,{y}^GB{_WIDTH},3,3^FS"


def _text(text: str, x: int, y: int, size: int, *, reverse: bool = False) -> str:
    """A line of text. ``^FH`` makes ``_`` an escape: the letters of commands are written by their codes."""
    safe = "".join(f"_{ord(each):02X}" if each in "^~_" else each for each in text)
    return f"^FO{x},{y}^A0N,{size},{size}{'^FR' if reverse else ''}^FH^FD{safe}^FS"
