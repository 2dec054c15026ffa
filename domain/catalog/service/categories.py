"""Use cases of categories.

All writers lock in one order: products by id, then categories by id. A product that refers to a category locks the
category's row against removal (``indexes.py``), as the foreign key of the link would anyway.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import count

from sqlalchemy import delete, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.catalog.commands import MAX_MOVED, CreateCategory, RemoveCategory, UpdateCategory
from domain.catalog.model import Category, Product, ProductCategory
from domain.catalog.service.changes import open_changes
from domain.catalog.service.indexes import category_row
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.fields.versions import require_version
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

MOVE_BATCH_SIZE = 50
"""Products moved per batch: one batch blocks the event loop for less than 100 ms."""
MAX_SLUG_LENGTH = 64


@use_case("products:write")
async def create_category(work: UnitOfWork, principal: Principal, command: CreateCategory) -> Category:
    """Create a category. A slug derived from the name is numbered until it is free. Raises Conflict (slug in use)."""
    derived = command.slug is UNSET
    base = slug_of(command.name) if command.slug is UNSET else command.slug
    for number in count(1):
        slug = base if number == 1 else f"{base[: MAX_SLUG_LENGTH - len(str(number)) - 1].rstrip('-')}-{number}"
        row = category_row(work, slug, command.name, command.description)
        inserted = upsert(Category).on_conflict_do_nothing().returning(Category)
        found = (await work.session.scalars(inserted, [row])).one_or_none()
        if found is not None:
            return found
        if not derived:
            break
    raise Conflict("This slug is already in use. Choose another one.", ErrorCode.TAKEN, ("slug",))


@use_case("products:write")
async def update_category(work: UnitOfWork, principal: Principal, command: UpdateCategory) -> Category:
    """Update a category. An update without a difference changes no version.

    Raises NotFound, Conflict (stale version).
    """
    category = await work.lock(Category, command.id, noun="category", version=command.expected_version)
    before = (category.name, category.description)
    if command.name is not UNSET:
        category.name = command.name
    if command.description is not UNSET:
        category.description = command.description
    if (category.name, category.description) != before:
        category.version += 1
        category.updated_at = work.now
    await work.flush()
    return category


@use_case("products:write")
async def remove_category(work: UnitOfWork, principal: Principal, command: RemoveCategory) -> Category:
    """Remove a category and move its products to another one, each once and with an event of its own.

    Raises NotFound, Conflict (stale version; it contains products without a target, more than MAX_MOVED, or new ones
    since), ValidationFailed (the target does not exist or is the same category).
    """
    category = await _find(work, command.id)
    target = None if command.move_to is UNSET else await _target(work, category, command.move_to)
    products = await _products_of(work, category)
    _refuse(products, target)
    await _lock_products(work, products)
    await _lock(work, category, target, command.expected_version)
    if set(await _products_of(work, category)) - set(products):
        message = "Products were added to the category during the request. Send the request again."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",), retry_after=1)
    if target is not None:
        await _announce_move(work, products, category.slug, target.slug)
        await _relink(work, category, target)
    await work.session.delete(category)
    await work.flush()
    return category


def slug_of(name: str) -> str:
    """Derive a slug from a name: letters and digits without accents, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_SLUG_LENGTH].strip("-") or "category"


async def _find(work: UnitOfWork, id: str) -> Category:
    found = await work.session.scalar(select(Category).where(Category.store_id == work.store.number, Category.id == id))
    if found is None:
        raise NotFound("category")
    return found


async def _target(work: UnitOfWork, category: Category, key: str) -> Category:
    """Find a category by id, or else by slug."""
    named = (Category.id == key) | (Category.slug == key)
    statement = select(Category).where(Category.store_id == work.store.number, named)
    found = sorted((await work.session.scalars(statement)).all(), key=lambda each: each.id != key)
    if not found:
        raise ValidationFailed.of(("move_to",), ErrorCode.NOT_FOUND, "Category not found.")
    if found[0] is category:
        raise ValidationFailed.of(("move_to",), ErrorCode.INVALID, "Must differ from the category to remove.")
    return found[0]


async def _products_of(work: UnitOfWork, category: Category) -> list[str]:
    """Return the ids of the category's products, sorted: at most one more than can be moved."""
    link = ProductCategory
    mine = select(link.product_id).where(link.store_id == work.store.number, link.category_id == category.id)
    return sorted((await work.session.scalars(mine.limit(MAX_MOVED + 1))).all())


def _refuse(products: Sequence[str], target: Category | None) -> None:
    if products and target is None:
        message = "The category contains products. Give the category to move them to in `move_to`."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("move_to",))
    if len(products) > MAX_MOVED:
        message = f"The category contains more than {MAX_MOVED:,} products. Move some to other categories first."
        raise Conflict(message, ErrorCode.TOO_LARGE, ("id",))


async def _lock_products(work: UnitOfWork, products: Sequence[str]) -> None:
    statement = select(Product.id).where(Product.store_id == work.store.number, Product.id.in_(products))
    await work.session.execute(statement.order_by(Product.id).with_for_update(key_share=True))


async def _lock(work: UnitOfWork, category: Category, target: Category | None, version: int | Unset) -> None:
    """Lock both categories in id order. Raises NotFound and ValidationFailed (removed meanwhile), Conflict."""
    ids = [category.id] if target is None else [category.id, target.id]
    statement = select(Category).where(Category.store_id == work.store.number, Category.id.in_(ids))
    locked = statement.order_by(Category.id).with_for_update().execution_options(populate_existing=True)
    found = (await work.session.scalars(locked)).all()
    if category not in found:
        raise NotFound("category")
    if target is not None and target not in found:
        raise ValidationFailed.of(("move_to",), ErrorCode.NOT_FOUND, "Category not found.")
    require_version(category, "category", version)


async def _announce_move(work: UnitOfWork, products: Sequence[str], slug: str, target: str) -> None:
    """Record an update event for each product that moves to the other category."""
    for start in range(0, len(products), MOVE_BATCH_SIZE):
        for change in await open_changes(work, products[start : start + MOVE_BATCH_SIZE]):
            change.categories = sorted({*change.categories, target} - {slug})
            change.announce(work)
        await work.flush()


async def _relink(work: UnitOfWork, category: Category, target: Category) -> None:
    """Link the products of the category to the other one, unless linked already, by two statements in total."""
    link = ProductCategory
    mine = (link.store_id == work.store.number, link.category_id == category.id)
    links = select(link.store_id, link.product_id, literal(target.id), link.created_at, link.active).where(*mine)
    columns = ["store_id", "product_id", "category_id", "created_at", "active"]
    await work.session.execute(upsert(link).from_select(columns, links).on_conflict_do_nothing())
    await work.session.execute(delete(link).where(*mine).execution_options(synchronize_session=False))
