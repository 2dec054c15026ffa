"""Products with their stock, variants, images and categories, as REST finds and returns them."""

from __future__ import annotations

from domain import catalog, inventory
from domain.catalog.documents import (
    CategoryDocument,
    ImageDocument,
    ProductSnapshotDocument,
    VariantSnapshotDocument,
)
from domain.kernel.documents import FoundMember, IntegerMember, ManyMember
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold
from rest_compat.objects import Ids, OtherKey, OwnedList, Representation, RestObject

reads = catalog.reads


class VariantDocument(VariantSnapshotDocument):
    """A variant of a product, such as a size or a colour. Orders refer to variants."""

    inventory = FoundMember(
        "The quantity available in all warehouses.",
        inventory.reads.stock_by_variant,
        IntegerMember("The quantity.", column="available"),
        otherwise=0,
        example=25,
        versioned=False,
    )


class ProductDocument(ProductSnapshotDocument):
    """A product. It has at least one variant."""

    variants = ManyMember(
        "The variants, the default variant first. At most 100.", reads.variants_by_product, VariantDocument
    )


PRODUCT = RestObject(
    path="/products/{id}",
    noun="product",
    prefix="prod",
    read=reads.product_by_id,
    otherwise=OtherKey("SKU", reads.product_by_sku, fold),
    document=ProductDocument,
)
VARIANT = RestObject(
    path="/products/{id}/variants/{variant_id}",
    noun="variant",
    prefix="var",
    read=reads.variant_by_id,
    document=VariantDocument,
    parent=PRODUCT,
    parent_key="product_id",
)
IMAGE = RestObject(
    path="/products/{id}/images/{image_id}",
    noun="image",
    prefix="img",
    read=reads.image_by_id,
    document=ImageDocument,
    parent=PRODUCT,
    parent_key="product_id",
)


class VariantOfAnyProduct(RestObject):
    """A variant that is found without its product."""

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        row = await self.row(db, principal, ids)
        return await VARIANT.fetch(db, principal, {"id": row.product_id, "variant_id": row.id})


ANY_VARIANT = VariantOfAnyProduct(
    path="/variants/{id}",
    noun="variant",
    prefix="var",
    read=reads.variant_by_id,
    otherwise=OtherKey("SKU", reads.variant_by_sku, fold),
    document=VariantDocument,
    parent_key="product_id",
)
CATEGORY = RestObject(
    path="/categories/{id}",
    noun="category",
    prefix="cat",
    read=reads.category_by_id,
    otherwise=OtherKey("slug", reads.category_by_slug),
    document=CategoryDocument,
)
VARIANTS = OwnedList(PRODUCT, DocumentRead(VariantDocument, reads.variants_by_product))
IMAGES = OwnedList(PRODUCT, DocumentRead(ImageDocument, reads.images_by_product))


async def freeze_stock(work: UnitOfWork, ids: Ids) -> None:
    """Lock a product and its stock, in the lock order of all writers."""
    product = await work.lock(catalog.Product, ids["id"], noun="product")
    variants = await reads.variants_by_product.for_key(work.reader, product.id)
    await inventory.pin_stock(work, [(product.id, variant.id) for variant in variants])
