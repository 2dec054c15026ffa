"""Use cases of images, and the replacement of a product's images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, literal, select, update

from domain.catalog.commands import MAX_IMAGES, AddImage, ImageInput, RemoveImage, UpdateImage
from domain.catalog.model import Product, ProductImage
from domain.catalog.service.changes import lock_product, open_changes
from domain.kernel.errors import ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@use_case("products:write")
async def add_image(work: UnitOfWork, principal: Principal, command: AddImage) -> ProductImage:
    """Add an image, at ``position`` or at the end. Raises NotFound, Conflict, ValidationFailed."""
    change = await lock_product(work, command.product_id, command.expected_version)
    product = change.product
    image = _append(work, product, command.url)
    image.alt = None if command.alt is UNSET else command.alt
    if command.position is not UNSET:
        _move(product, image, command.position)
    change.announce(work)
    await work.flush()
    return image


@use_case("products:write")
async def update_image(work: UnitOfWork, principal: Principal, command: UpdateImage) -> ProductImage:
    """Update the alternative text or the position of an image. Raises NotFound, Conflict (stale version)."""
    change = await lock_product(work, command.product_id, command.expected_version)
    image = _find(change.product, command.id)
    if command.alt is not UNSET:
        image.alt = command.alt
    if command.position is not UNSET:
        _move(change.product, image, command.position)
    change.announce(work)
    await work.flush()
    return image


@use_case("products:write")
async def remove_image(work: UnitOfWork, principal: Principal, command: RemoveImage) -> Product:
    """Remove an image, also from the variants that use it. Raises NotFound, Conflict (stale version)."""
    change = await lock_product(work, command.product_id, command.expected_version)
    product = change.product
    image = _find(product, command.id)
    _keep(product, [kept for kept in product.images if kept is not image])
    change.announce(work)
    await work.flush()
    return product


async def add_first_images(work: UnitOfWork, images: Mapping[str, Sequence[ImageInput]]) -> None:
    """Add images to products without any, by product id, with events, by a few statements in total.

    Used by loaders. A product that has images or does not exist is skipped.
    """
    statement = select(Product.id).where(Product.store_id == work.store.number, Product.id.in_(sorted(images)))
    await work.session.execute(statement.order_by(Product.id).with_for_update(key_share=True))
    for change in await open_changes(work, list(images)):
        if not change.product.images:
            change.product.images = new_images(work, images[change.product.id])
            change.announce(work)
    await work.flush()


async def move_images(work: UnitOfWork, path: str, base: str) -> None:
    """Rewrite the URLs of all images below ``path`` to start with ``base``, by one statement and without events.

    Used by loaders: the images stay the same, the gateway that serves them has another address.
    """
    image, at = ProductImage, func.strpos(ProductImage.url, path)
    moved = literal(base) + func.substr(image.url, at)
    elsewhere = (image.store_id == work.store.number, at > 0, image.url != moved)
    change = update(image).where(*elsewhere).values(url=moved)
    await work.session.execute(change.execution_options(synchronize_session=False))


def new_images(work: UnitOfWork, inputs: Sequence[ImageInput]) -> list[ProductImage]:
    """Create the images of a new product. Raises ValidationFailed if an input has an id."""
    for index, entry in enumerate(inputs):
        if entry.id is not UNSET:
            raise _unknown(index)
    return _in_order([_new_image(work, entry) for entry in inputs], inputs)


def replace_images(work: UnitOfWork, product: Product, inputs: Sequence[ImageInput]) -> None:
    """Replace the images of a product by ``inputs``. Images matched by id, or else by URL, keep their id.

    Raises ValidationFailed for an id that the product does not have, or a duplicate one.
    """
    left = list(product.images)
    matched: dict[int, ProductImage] = {}
    for index, entry in sorted(enumerate(inputs), key=lambda pair: pair[1].id is UNSET):  # ids before URLs
        found = next((image for image in left if _is(image, entry)), None)
        if found is None and entry.id is not UNSET:
            raise _unknown(index)
        if found is None:
            matched[index] = _new_image(work, entry)
            continue
        left.remove(found)
        found.url = entry.url
        found.alt = found.alt if entry.alt is UNSET else entry.alt
        matched[index] = found
    _keep(product, _in_order([matched[index] for index in range(len(inputs))], inputs))


def image_for(work: UnitOfWork, product: Product, url: str) -> ProductImage:
    """Find or add the product's image with this URL. Raises ValidationFailed if there are too many."""
    return next((image for image in product.images if image.url == url), None) or _append(work, product, url)


def _is(image: ProductImage, entry: ImageInput) -> bool:
    return image.url == entry.url if entry.id is UNSET else image.id == entry.id


def _find(product: Product, image_id: str) -> ProductImage:
    for image in product.images:
        if image.id == image_id:
            return image
    raise NotFound("image")


def _move(product: Product, image: ProductImage, position: int) -> None:
    """Move the image to ``position``, or to the end if that is beyond it."""
    product.images.remove(image)
    product.images.insert(position, image)
    _renumber(product.images)


def _append(work: UnitOfWork, product: Product, url: str) -> ProductImage:
    if len(product.images) >= MAX_IMAGES:
        raise ValidationFailed.of(("images",), ErrorCode.TOO_LONG, f"A product can have at most {MAX_IMAGES} images.")
    image = _new_image(work, ImageInput(url=url))
    product.images.append(image)
    _renumber(product.images)
    return image


def _new_image(work: UnitOfWork, entry: ImageInput) -> ProductImage:
    return ProductImage(
        store_id=work.store.number,
        id=new_id("img"),
        url=entry.url,
        alt=None if entry.alt is UNSET else entry.alt,
        position=0,
        created_at=work.now,
    )


def _in_order(images: list[ProductImage], inputs: Sequence[ImageInput]) -> list[ProductImage]:
    """Sort the images by the positions of the inputs, by default their indexes, and number them from 0."""
    positions = [index if entry.position is UNSET else entry.position for index, entry in enumerate(inputs)]
    ordered = [image for _, image in sorted(zip(positions, images, strict=True), key=lambda pair: pair[0])]
    _renumber(ordered)
    return ordered


def _keep(product: Product, images: list[ProductImage]) -> None:
    ids = {image.id for image in images}
    for variant in product.variants:
        if variant.image_id is not None and variant.image_id not in ids:
            variant.image_id = None
    _renumber(images)
    product.images = images


def _renumber(images: Sequence[ProductImage]) -> None:
    for position, image in enumerate(images):
        image.position = position


def _unknown(index: int) -> ValidationFailed:
    return ValidationFailed.of(("images", index, "id"), ErrorCode.NOT_FOUND, "The product has no image with this id.")
