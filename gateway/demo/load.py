"""Loads the demo shop and the sample shop into a store, by the same use cases as any caller.

Loading again adds only what is missing, so an interrupted load is completed by the next one.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from domain import access, catalog, customers
from domain.catalog import WeightUnit
from domain.catalog.commands import CreateProduct, ImageInput, VariantInput, WeightInput
from domain.customers.commands import CreateCustomer
from domain.kernel.database import Database
from domain.kernel.fields import UNSET
from domain.kernel.money import EXPONENTS, Money, to_minor
from domain.kernel.principal import Mode, Plan, Principal, Store
from domain.kernel.validation import fold
from gateway.demo.load_orders import load_history
from gateway.demo.people import sample_customers
from gateway.demo.pictures import PATH, picture_url
from gateway.demo.rows import (
    CURRENCY,
    DemoCategory,
    DemoImage,
    DemoProduct,
    demo_categories,
    demo_products,
    sample_categories,
    sample_products,
)
from gateway.demo.sample_orders import load_sample_orders
from gateway.demo.sample_payments import load_sample_payments
from gateway.demo.sample_shipments import load_sample_parcels, open_dock
from gateway.demo.weights import grams_of

ACCOUNT = "Demo Shop"
ADDRESS = "http://127.0.0.1:8000"
"""The default URL of the demo."""
BATCH = 200
"""Products per transaction."""

Progress = Callable[[int], None]
"""Told how many more products are in."""


async def open_account(database: Database, name: str, *, plan: Plan, currency: str, sample: bool) -> dict[Mode, Store]:
    """Create an account and, by default, fill its test store with the sample shop.

    Raises ValidationFailed (unknown currency), Conflict (the name is in use).
    """
    async with database.admin_transaction() as administration:
        stores = await access.create_account(administration, database.clock(), name=name, plan=plan, currency=currency)
    if sample:
        products = sample_products(EXPONENTS[currency])
        operator = access.system_principal(stores[Mode.TEST])
        await load_products(database, operator, products, sample_categories())
        await load_customers(database, operator, sample_customers())
        await open_dock(database, operator, ADDRESS)
        placed = await load_sample_orders(database, operator)
        await load_sample_payments(database, operator, placed, ADDRESS)
        await load_sample_parcels(database, operator, placed)
    return stores


async def open_demo(database: Database) -> dict[Mode, Store]:
    """The demo account, created if it is missing: enterprise, so that no limit applies, and in pounds."""
    async with database.admin_transaction() as administration:
        stores = await access.find_stores(administration, ACCOUNT)
    return stores or await open_account(database, ACCOUNT, plan=Plan.ENTERPRISE, currency=CURRENCY, sample=False)


async def load_demo(database: Database, store: Store, progress: Progress, *, pictures_at: str = ADDRESS) -> int:
    """Load the missing parts of the demo shop into a store, its history last. Returns the number of new products.

    ``pictures_at``: the URL of the gateway that serves their images, without a slash at the end.
    """
    operator = access.system_principal(store)
    products = [
        replace(product, images=(DemoImage(picture_url(pictures_at, product.sku), product.name),))
        for product in demo_products()
    ]
    with _without_collecting():
        count = await load_products(database, operator, products, demo_categories(), progress)
        await load_pictures(database, operator, products, pictures_at)
        await open_dock(database, operator, pictures_at)
        await load_history(database, operator)
    return count


async def load_pictures(
    database: Database, principal: Principal, products: Sequence[DemoProduct], pictures_at: str
) -> None:
    """Give their pictures to products that have none, and have all of them found where they are served now.

    Of a shop that has them there already it is one UPDATE that finds nothing and two reads.
    """
    async with database.transaction(principal) as work:
        await catalog.move_images(work, PATH, pictures_at)
    async with database.read_connection(principal.store) as reader:
        rows = await catalog.reads.product_by_sku.for_keys(reader, [fold(product.sku) for product in products])
        shown = {row.id: product for row, product in zip(rows, products, strict=True) if row is not None}
        images = await catalog.reads.images_by_product.for_keys(reader, list(shown))
    bare = sorted(id for id, own in zip(shown, images, strict=True) if not own)
    for start in range(0, len(bare), BATCH):
        async with database.transaction(principal) as work:
            given = {id: _images(shown[id]) for id in bare[start : start + BATCH]}
            await catalog.add_first_images(work, given)


async def load_products(
    database: Database,
    principal: Principal,
    products: Sequence[DemoProduct],
    categories: Sequence[DemoCategory],
    progress: Progress = lambda _: None,
) -> int:
    """Create the products whose SKU is not in the store yet. Returns their number."""
    async with database.read_connection(principal.store) as reader:
        keys = [fold(product.sku) for product in products]
        found = await catalog.reads.product_by_sku.for_keys(reader, keys)
        known = {key for key, row in zip(keys, found, strict=True) if row is not None}
    missing = [product for product in products if fold(product.sku) not in known]
    progress(len(products) - len(missing))
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        async with database.transaction(principal) as work:
            await catalog.name_categories(work, {category.slug: category.name for category in categories})
            commands = [_command(product, principal.store.currency) for product in batch]
            await catalog.create_products(work, principal, commands)
        progress(len(batch))
    return len(missing)


async def load_customers(database: Database, principal: Principal, commands: Sequence[CreateCustomer]) -> int:
    """Create the customers whose e-mail address is not in the store yet. Returns their number."""
    async with database.read_connection(principal.store) as reader:
        keys = [customers.email_key(command.email) for command in commands]
        found = await customers.reads.customer_by_email.for_keys(reader, keys)
    missing = [command for command, row in zip(commands, found, strict=True) if row is None]
    async with database.transaction(principal) as work:
        await customers.create_customers(work, principal, missing)
    return len(missing)


@contextmanager
def _without_collecting() -> Generator[None]:
    """Stop the garbage collector during a load: there are no cycles to find until its end, and searching for them is a
    third of the work.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _images(product: DemoProduct) -> tuple[ImageInput, ...]:
    return tuple(ImageInput(url=image.url, alt=image.alt) for image in product.images)


def _command(product: DemoProduct, currency: str) -> CreateProduct:
    def money(amount: Decimal) -> Money:
        return Money(to_minor(amount, currency), currency)

    return CreateProduct(
        name=product.name,
        description=product.description,
        price=money(product.price),
        sku=product.sku,
        status=catalog.ProductStatus(product.status),
        categories=product.categories,
        tags=product.tags,
        images=_images(product),
        variants=tuple(
            VariantInput(
                sku=variant.sku,
                price=UNSET if variant.price is None else money(variant.price),
                cost=money(variant.cost),
                inventory=variant.stock,
                weight=WeightInput(value=Decimal(grams_of(variant.sku)), unit=WeightUnit.GRAM),
                attributes=dict(variant.attributes),
                image=UNSET if variant.image is None else variant.image,
            )
            for variant in product.variants
        ),
    )
