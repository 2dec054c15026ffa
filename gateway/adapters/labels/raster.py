"""Pages of labels as dots of black and white, as thermal printers print them."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from gateway.adapters.labels.pdf import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

DPI = 203
SIZE = (round(WIDTH * DPI / 72), round(HEIGHT * DPI / 72))
_BLACK_BELOW = 128
_RENDERING = Lock()
"""PDFium knows no threads."""


def page_count(pdf: bytes) -> int:
    """How many pages there are. Raises ValueError if it cannot be read."""
    import pypdfium2  # noqa: PLC0415 - only labels need it

    try:
        with _RENDERING, pypdfium2.PdfDocument(pdf) as document:
            return len(document)
    except pypdfium2.PdfiumError as error:
        raise ValueError("the label is not a PDF") from error


def rendered_pages(pdf: bytes) -> Iterator[Image]:
    """The pages, of one bit a dot, each in the size of a label."""
    import pypdfium2  # noqa: PLC0415 - only labels need it

    with _RENDERING, pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            scale = min(SIZE[0] / page.get_width(), SIZE[1] / page.get_height())
            shown = page.render(scale=scale, grayscale=True).to_pil()
            page.close()
            yield shown.point(lambda level: 255 * (level >= _BLACK_BELOW), mode="1")
