"""Labels as PDF, drawn with reportlab: bars are vectors, so they are sharp at any resolution.

The font is Noto Sans, of which the used letters of the Latin, Greek and Cyrillic scripts are embedded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from domain.kernel.address import Address
from domain.shipping.ports import Label
from gateway.adapters.labels.barcode import dots_of_module
from gateway.adapters.labels.text import SANDBOX_TEXT, address_lines, grouped, wrapped

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 288.0, 432.0
"""4 by 6 inches, in points."""
_MARGIN = 12.0
_ADDRESS_LEFT = 56.0
_LEADING = 1.22
"""From line to line, in sizes of the font."""
_SMALLEST = 5.0
_FROM_HEIGHT = 74.0
_BARCODE_TOP = 170.0
"""Where the lower half begins, on every label: an address must not push its barcode off."""
_FONT = "NotoSans"
_FNC1 = "\xf1"
"""What reportlab takes for the function character 1 of Code 128, which begins and separates elements of GS1."""
_DOT = 72 / 203
"""Points of a dot of a printer of 203 dpi."""
_INSET = _DOT / 50
_MODULE_DOTS = (4, 3, 2)
"""What the narrowest bar may have; 1 where nothing else fits."""


class PdfLabels:
    """Draws labels of 4 by 6 inches, one a page."""

    def print_labels(self, labels: Sequence[Label]) -> bytes:
        """The PDF. The same labels make the same bytes."""
        from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - takes 0.4 s, and only labels need it

        _register_font()
        buffer = BytesIO()
        canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=1)
        for label in labels:
            canvas.setTitle(f"{label.carrier} {label.tracking_number}")
            _Page(canvas).draw(label)
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    def convert(self, pdf: bytes) -> bytes:
        """The PDF of a carrier, as it is."""
        return pdf


@cache
def _register_font() -> None:
    from fontpkg_noto_sans import ROOT  # noqa: PLC0415 - as above
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    (file,) = (each for each in (ROOT / "files").iterdir() if "Italic" not in each.name)
    pdfmetrics.registerFont(TTFont(_FONT, str(file)))


def _bars(text: str) -> Any:
    """A Code 128 with the widest bars that fit."""
    from reportlab.graphics.barcode.code128 import Code128  # noqa: PLC0415 - as above

    class Bars(Code128):  # type: ignore[misc]
        def rect(self, x: float, y: float, w: float, h: float) -> None:
            """A bar, a little narrower: one that touches a dot too many is drawn with it."""
            super().rect(x + _INSET, y, w - 2 * _INSET, h)

    modules = round(Bars(text, barHeight=64, barWidth=1, quiet=0, humanReadable=0).width)
    width = dots_of_module(modules, _MODULE_DOTS) * _DOT
    return Bars(text, barHeight=64, barWidth=width, quiet=0, humanReadable=0)


class _Page:
    """One label, drawn from the top."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._y = HEIGHT - _MARGIN

    def draw(self, label: Label) -> None:
        """Draw the label."""
        if label.is_sandbox:
            self._banner()
        self._head(label)
        self._line()
        self._address("FROM", label.ship_from, 8, self._y - _FROM_HEIGHT)
        self._line()
        self._address("SHIP TO", label.ship_to, 13, _BARCODE_TOP + 6)
        self._y = _BARCODE_TOP
        self._line()
        self._barcode(label)
        self._line()
        self._foot(label)

    def _banner(self) -> None:
        """White letters in black, which no printer leaves out."""
        self._canvas.rect(0, self._y - 14, WIDTH, 22, stroke=0, fill=1)
        self._canvas.setFillGray(1)
        self._text(SANDBOX_TEXT, 12, WIDTH / 2, self._y - 8, centred=True)
        self._canvas.setFillGray(0)
        self._y -= 20

    def _head(self, label: Label) -> None:
        self._y -= 24
        self._text(label.carrier, 24, _MARGIN, self._y, width=130, bold=True)
        self._text(label.service, 13, WIDTH - _MARGIN, self._y, width=125, right=True, bold=True)
        self._y -= 8

    def _line(self) -> None:
        self._canvas.setLineWidth(1.5)
        self._canvas.line(0, self._y, WIDTH, self._y)
        self._y -= 3

    def _address(self, title: str, address: Address, size: float, bottom: float) -> None:
        """Write an address, smaller where it would reach below ``bottom``: each line is wrapped once, and then cut."""
        room = self._y - bottom
        lines = self._lines(address, size)
        while len(lines) * size * _LEADING > room and size > _SMALLEST:
            size -= 0.5
            lines = self._lines(address, size)
        self._y -= size
        self._text(title, 7, _MARGIN, self._y)
        for line in lines[: int(room / (size * _LEADING))]:
            self._text(line, size, _ADDRESS_LEFT, self._y)
            self._y -= size * _LEADING
        self._y += size * 0.6

    def _lines(self, address: Address, size: float) -> list[str]:
        def fits(text: str) -> bool:
            return self._measure(text, size) <= WIDTH - _MARGIN - _ADDRESS_LEFT

        return [part for line in address_lines(address) for part in wrapped(line, fits, 2)]

    def _barcode(self, label: Label) -> None:
        is_gs1 = len(label.barcode) > 1
        bars = _bars(_FNC1 + _FNC1.join(label.barcode) if is_gs1 else label.barcode[0])
        left = round((WIDTH - bars.width) / 2 / _DOT) * _DOT  # bars begin and end with whole dots
        self._y -= 8
        self._text("TRACKING NUMBER", 7, WIDTH / 2, self._y, centred=True)
        self._y -= 70
        bars.drawOn(self._canvas, left, self._y)
        self._y -= 16
        self._text(grouped(label.tracking_number), 12, WIDTH / 2, self._y, centred=True, width=WIDTH - 2 * _MARGIN)
        self._y -= 8

    def _foot(self, label: Label) -> None:
        self._y -= 10
        left = f"Order {label.order_number}"
        right = f"{label.shipped_on.isoformat()} · package {label.number} of {label.count} · {label.weight}"
        room = WIDTH - 3 * _MARGIN - self._measure(right, 8)
        self._text(left, 8, _MARGIN, self._y, width=max(room, 60))
        self._text(right, 8, WIDTH - _MARGIN, self._y, right=True)
        if label.needs_signature:
            self._y -= 16
            self._text("SIGNATURE REQUIRED", 12, WIDTH / 2, self._y, centred=True, bold=True)

    def _measure(self, text: str, size: float) -> float:
        return float(self._canvas.stringWidth(text, _FONT, size))

    def _text(
        self,
        text: str,
        size: float,
        x: float,
        y: float,
        *,
        width: float | None = None,
        centred: bool = False,
        right: bool = False,
        bold: bool = False,
    ) -> None:
        """Write a line, smaller where it would be wider than ``width``. Bold by a contour: the font has one weight."""
        if width is not None:
            size = min(size, size * width / max(self._measure(text, size), 1))
        start = x - self._measure(text, size) * (0.5 if centred else 1.0 if right else 0.0)
        written = self._canvas.beginText(start, y)
        written.setFont(_FONT, size)
        if bold:
            self._canvas.setLineWidth(size / 40)
            written.setTextRenderMode(2)
        written.textOut(text)
        written.setTextRenderMode(0)
        self._canvas.drawText(written)
