"""Images of the demo products: drawn here as SVG, by the words of their names; under the licence of the code.

An image is a pure function of the product's SKU, name and first category in the package's own files: it contains no
text of a caller. The URL has the SKU; any other URL does not exist.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import escape
from urllib.parse import quote

from gateway.demo.people import stable_number
from gateway.demo.rows import demo_products

PATH = "/demo/images/"
SIZE = 600
"""Width and height, in the units of the drawing."""
_LINE, _LINES = 26, 3
"""Characters of a line of the name, and how many lines there are room for."""

_COLOURS = {
    "red": "#c8453b", "retrospot": "#c8453b", "pink": "#e58aa6", "blue": "#4a7fb5", "navy": "#2f4b73",
    "green": "#5b9a68", "mint": "#8fcbb0", "yellow": "#e6bf4f", "gold": "#c9a24b", "orange": "#e08a3c",
    "purple": "#8464a8", "lilac": "#b49bd0", "lavender": "#b49bd0", "black": "#3b3b40", "grey": "#8b8f96",
    "silver": "#b8bec6", "white": "#fbf9f4", "ivory": "#f3ead3", "cream": "#f3ead3", "brown": "#8a6547",
    "chocolate": "#6b4a36", "turquoise": "#4fb3b5", "strawberry": "#d9556b", "rose": "#dd8f9f",
}  # fmt: skip
_PALETTE = ("#c8453b", "#4a7fb5", "#5b9a68", "#e08a3c", "#8464a8", "#4fb3b5", "#d9556b", "#c9a24b")
_GROUNDS = ("#f6efe4", "#e9f0ee", "#f3e8ea", "#eaeef5", "#f1f0e2", "#ece7f2")

# The symbol of a category, drawn around (0, 0) within 300 by 300; F is filled with the product's colour and pattern.
_SHAPES = {
    "christmas": "M0-140 80-40H40L110 60H50L120 130H-120L-50 60H-110L-40-40H-80ZM-20 130H20V160H-20Z",
    "easter": "M0-150C70-150 110-30 110 40A110 110 0 0 1-110 40C-110-30-70-150 0-150Z",
    "jewellery-accessories": "M0-60A100 100 0 1 1-1-60ZM0-30A70 70 0 1 0 1-30ZM-45-130H45L70-95 0-40-70-95Z",
    "bags-travel": "M-120-50H120L140 140H-140ZM-60-50C-60-150 60-150 60-50H35C35-115-35-115-35-50Z",
    "hot-water-bottles-warmers": (
        "M-30-150H30V-100C120-90 120-40 110 120Q105 150 70 150H-70Q-105 150-110 120C-120-40-120-90-"
        "30-100Z"
    ),
    "lighting-candles": "M-60-40H60V150H-60ZM0-150C50-95 30-60 0-60C-30-60-50-95 0-150Z",
    "pets": (
        "M0 0C60 0 110 60 80 110C50 150-50 150-80 110C-110 60-60 0 0 0ZM-95-70A32 40 0 1 1-96-70ZM-"
        "35-130A32 42 0 1 1-36-130ZM35-130A32 42 0 1 1 34-130ZM95-70A32 40 0 1 1 94-70Z"
    ),
    "baking-cakes": (
        "M-110 0H110L80 150H-80ZM-125 0C-130-60-80-70-70-75C-60-140 60-140 70-75C80-70 130-60 125 0"
        "Z"
    ),
    "mugs-tableware": (
        "M-110-110H70V90Q70 130 30 130H-70Q-110 130-110 90ZM70-70H100Q150-70 150-10T100 60H70V30H95"
        "Q115 30 115-5T95-40H70Z"
    ),
    "kitchen-dining": (
        "M-140-20H140C140 90 80 140 0 140S-140 90-140-20ZM-30-60H30V-30H-30ZM-110-40H110V-25H-110Z"
    ),
    "garden-outdoor": (
        "M-80 30H80L60 150H-60ZM-10 30V-40C-90-30-110-80-110-120C-50-120-20-100-5-60C10-110 50-140 "
        "110-140C110-80 70-40 10-40V30Z"
    ),
    "signs-doormats": "M-150-70H120L150-20 120 30H-150ZM-20 30H20V150H-20ZM-20-110H20V-70H-20Z",
    "frames-clocks-mirrors": "M-120-150H120V150H-120ZM-80-110V110H80V-110ZM-60 90-15-10 20 50 40 20 70 90Z",
    "furniture-hooks": (
        "M-90-150H-60V0H60V-150H90V150H60V40H-60V150H-90ZM-60-120H60V-90H-60ZM-60-60H60V-30H-60Z"
    ),
    "storage": "M-140-50H140V140H-140ZM-155-110H155V-60H-155ZM-35 10H35V35H-35Z",
    "gift-wrap-cards": "M-150-100H150V110H-150ZM-140-90 0 20 140-90 0 40Z",
    "stationery": (
        "M-25-60H25V110L0 160-25 110ZM-25-140H25V-70H-25ZM-110-100H-60V140H-110ZM60-100H110V140H60Z"
    ),
    "craft-sewing": (
        "M-90-150H90V-110H50V110H90V150H-90V110H-50V-110H-90ZM-50-70H50V-50H-50ZM-50-10H50V10H-50Z"
    ),
    "toys-games": "M0-140A140 140 0 1 1-1-140ZM0-100A100 100 0 1 0 1-100ZM0-60A60 60 0 1 1-1-60Z",
    "kids": (
        "M-80-60A80 75 0 1 1 80-60C130-40 130 150 0 150S-130-40-80-60ZM-88-150A28 28 0 1 1-89-150ZM88-150A28 28 0 1 1 "
        "87-150Z"
    ),
    "party-celebration": (
        "M-160-80H160V-60H-160ZM-150-60-110 40-70-60ZM-40-60 0 40 40-60ZM70-60 110 40 150-60Z"
    ),
    "textiles-soft-furnishings": "M-130-110Q0-80 130-110Q100 0 130 110Q0 80-130 110Q-100 0-130-110Z",
    "bathroom-wellbeing": "M0-150C70-60 100-10 100 50A100 100 0 0 1-100 50C-100-10-70-60 0-150Z",
    "home-decor": "M0 140-140 0A75 75 0 0 1 0-90A75 75 0 0 1 140 0Z",
    "gifts": (
        "M-130-40H130V150H-130ZM-150-90H150V-40H-150ZM-20-90C-120-90-110-170-40-150L0-100 40-150C11"
        "0-170 120-90 20-90Z"
    ),
}  # fmt: skip
_PATTERNS = (
    (re.compile(r"spot|polkadot|dot"), '<circle cx="20" cy="20" r="9"/>'),
    (re.compile(r"strip|ticking"), '<path d="M0 0H14V40H0Z"/>'),
    (re.compile(r"heart|love"), '<path d="M20 32 7 18A7 7 0 0 1 20 11A7 7 0 0 1 33 18Z"/>'),
    (re.compile(r"star|christmas|snow"), '<path d="M20 6 24 17 35 17 26 24 29 35 20 28 11 35 14 24 5 17 16 17Z"/>'),
    (
        re.compile(r"flower|rose|floral|daisy|blossom|garden|paisley"),
        '<path d="M20 20m-4-9a4 5 0 1 1 8 0 5 4 0 1 1 0 9 4 5 0 1 1-8 0 5 4 0 1 1 0-9Z"/>',
    ),
    (re.compile(r"check|gingham|tartan"), '<path d="M0 0H20V20H40V40H20V20H0Z"/>'),
)


def picture_url(base: str, sku: str) -> str:
    """Where the picture of a product is. ``base``: where the gateway is reached, without a slash at the end."""
    return f"{base}{PATH}{quote(sku, safe='')}.svg"


@lru_cache(maxsize=256)
def picture(sku: str) -> str | None:
    """The picture of a product of the demo shop as an SVG document; None where there is no such product."""
    known = _known().get(sku)
    return None if known is None else _drawn(sku, *known)


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Name and first category of every product, by SKU."""
    return {product.sku: (product.name, product.categories[0]) for product in demo_products()}


def _drawn(sku: str, name: str, category: str) -> str:
    words = name.lower()
    number = stable_number(sku, "picture")
    colour = next((_COLOURS[word] for word in re.findall(r"[a-z]+", words) if word in _COLOURS), None)
    fill = colour or _PALETTE[number % len(_PALETTE)]
    motif = next((drawn for pattern, drawn in _PATTERNS if pattern.search(words)), "")
    shape = f'<path d="{_SHAPES.get(category, _SHAPES["gifts"])}" fill-rule="evenodd"'
    turned = f'transform="translate(300 265) rotate({number // 7 % 9 - 4})"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}"'
        f' role="img">'
        f"<title>{escape(name)}</title>"
        f'<defs><pattern id="p" width="40" height="40" patternUnits="userSpaceOnUse">'
        f'<g fill="#fff" fill-opacity=".55">{motif}</g></pattern></defs>'
        f'<rect width="{SIZE}" height="{SIZE}" fill="{_GROUNDS[number // 3 % len(_GROUNDS)]}"/>'
        f'<ellipse cx="300" cy="432" rx="150" ry="14" fill="#000" fill-opacity=".08"/>'
        f'<g {turned}>{shape} fill="{fill}" stroke="#2b2b2b" stroke-opacity=".35" stroke-width="4" '
        f'stroke-linejoin="round"/>{shape} fill="url(#p)"/></g>'
        f'<g font-family="Georgia,serif" font-size="30" fill="#3a3a3a" text-anchor="middle">{_written(name)}</g></svg>'
    )


def _written(name: str) -> str:
    """The name, in lines below the symbol."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) >= _LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1]} …"]
    return "".join(f'<text x="300" y="{490 + 38 * row}">{escape(line)}</text>' for row, line in enumerate(lines))
