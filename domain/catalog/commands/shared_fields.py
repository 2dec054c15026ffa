"""What the commands of products, variants and images have in common."""

from __future__ import annotations

from domain.kernel.fields import FieldLocation, Text
from domain.kernel.fields.versions import version_of

PRODUCT_VERSION = version_of("product")


def id_of(noun: str, prefix: str) -> Text:
    """Return the rule of an object's own id, which REST takes from the path."""
    example = f"{prefix}_01jd3v4q8rf9k6w2m5n7t0xhz4"
    return Text(
        min=1, max=64, description=f"The id of the {noun} (`{prefix}_…`).", place=FieldLocation.PATH, example=example
    )
