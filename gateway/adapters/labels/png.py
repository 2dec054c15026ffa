"""Labels as PNG: the pages of the PDF, one below the other, black and white, as printers of labels print them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from domain.shipping.ports import Label
from gateway.adapters.labels.pdf import PdfLabels
from gateway.adapters.labels.raster import DPI, SIZE, page_count, rendered_pages


class PngLabels:
    """Draws labels of 4 by 6 inches at 203 dots per inch, all in one image."""

    def __init__(self, pages: PdfLabels) -> None:
        self._pages = pages

    def print_labels(self, labels: Sequence[Label]) -> bytes:
        """The PNG."""
        return self.convert(self._pages.print_labels(labels))

    def convert(self, pdf: bytes) -> bytes:
        """The PNG of a PDF. One bit for each dot: fifty labels take 6 MB while they are drawn."""
        from PIL import Image  # noqa: PLC0415 - only labels need it

        whole = Image.new("1", (SIZE[0], SIZE[1] * page_count(pdf)), 1)
        for place, page in enumerate(rendered_pages(pdf)):
            whole.paste(page, (0, place * SIZE[1]))
        buffer = BytesIO()
        whole.save(buffer, "PNG", dpi=(DPI, DPI))
        return buffer.getvalue()
