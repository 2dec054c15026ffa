"""Commands of the images of products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.catalog.commands.shared_fields import PRODUCT_VERSION, id_of
from domain.kernel.fields import UNSET, Integer, ListOf, NestedObject, Text, Unset, Url

MAX_IMAGES = 50

_ALT = Text(max=500, description="The alternative text for screen readers.", example="Seen from the front")
_POSITION = Integer(description="The position in the list of images, starting at 0.", max=1_000, example=0)
_NEW_POSITION = Integer(
    description="The new position in the list of images, starting at 0. The other images move up. A position beyond "
    "the end means the last.",
    max=1_000,
    example=0,
)
_URL = Url(
    description="The URL of the image. The gateway never fetches it.", example="https://images.example.com/1.jpg"
)
_IMAGE_ID = Text(
    min=1, max=64, description="The id of an existing image to keep. Images without an id are matched by URL."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageInput:
    """An image of a product."""

    id: Annotated[str | Unset, _IMAGE_ID] = UNSET
    url: Annotated[str, _URL]
    alt: Annotated[str | Unset | None, _ALT] = UNSET
    position: Annotated[int | Unset, _POSITION] = UNSET


IMAGES = ListOf(
    item=NestedObject(shorthand="url", description="An image. REST also accepts a plain URL."),
    max=MAX_IMAGES,
    description="The images, in display order. Replaces the current list.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AddImage:
    """Add an image to a product."""

    product_id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET
    url: Annotated[str, _URL]
    alt: Annotated[str | Unset | None, _ALT] = UNSET
    position: Annotated[int | Unset, _POSITION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateImage:
    """Update the alternative text or the position of an image. The URL never changes."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("image", "img")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET
    alt: Annotated[str | Unset | None, _ALT] = UNSET
    position: Annotated[int | Unset, _NEW_POSITION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveImage:
    """Remove an image. Variants that use it are left without an image."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("image", "img")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET
