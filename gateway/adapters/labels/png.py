"""Labels as PNG: the pages of the PDF, one below the other, black and white, as printers of labels print them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from threading import Lock

from domain.shipping.ports import Label
from gateway.adapters.labels.pdf import HEIGHT, WIDTH, PdfLabels

DPI = 203
_SCALE = DPI / 72
_SIZE = (round(WIDTH * _SCALE), round(HEIGHT * _SCALE))
_BLACK_BELOW = 128
_RENDERING = Lock()
"""PDFium knows no threads."""


class PngLabels:
    """Draws labels of 4 by 6 inches at 203 dots per inch, all in one image."""

    def __init__(self, pages: PdfLabels) -> None:
        self._pages = pages

    def print_labels(self, labels: Sequence[Label]) -> bytes:
        """The PNG. One bit for each dot: fifty labels take 6 MB while they are drawn."""
        import pypdfium2  # noqa: PLC0415 - only labels need it, as Pillow
        from PIL import Image  # noqa: PLC0415

        whole = Image.new("1", (_SIZE[0], _SIZE[1] * len(labels)), 1)
        with _RENDERING, pypdfium2.PdfDocument(self._pages.print_labels(labels)) as document:
            for place, page in enumerate(document):
                shown = page.render(scale=_SCALE, grayscale=True).to_pil()
                whole.paste(shown.point(lambda level: level >= _BLACK_BELOW, mode="1"), (0, place * _SIZE[1]))
                page.close()
        buffer = BytesIO()
        whole.save(buffer, "PNG", dpi=(DPI, DPI))
        return buffer.getvalue()
