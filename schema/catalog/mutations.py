"""What can be changed of the catalog, and what each change comes to."""

from __future__ import annotations

import strawberry

from domain import catalog
from resolvers.types import Id
from schema.catalog.types import Category, Product, ProductImage, ProductVariant
from schema.fields import changed_row, created_row, mutation, result_value, touched_row
from schema.payload import Payload

reads = catalog.reads


@strawberry.type(description="What createProduct came to.")
class CreateProductPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = created_row(reads.product_by_id, key="id", description="The new product.")


@strawberry.type(description="What updateProduct came to.")
class UpdateProductPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(reads.product_by_id, key="id", description="The product as it is now.")


@strawberry.type(description="What archiveProduct came to.")
class ArchiveProductPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(
        reads.product_by_id, key="id", written=("status",), description="The product as it is now."
    )


_RESULTS = "What came of each input, in their order; null when all were refused."


@strawberry.type(description="What updateProducts came to; userErrors says why inputs were refused.")
class UpdateProductsPayload(Payload):
    """An Outcome with a BulkResult, whose outcomes are what single updates come to."""

    results: list[UpdateProductPayload] | None = result_value("outcomes", description=_RESULTS)


@strawberry.type(description="What archiveProducts came to; userErrors says why inputs were refused.")
class ArchiveProductsPayload(Payload):
    """An Outcome with a BulkResult."""

    results: list[ArchiveProductPayload] | None = result_value("outcomes", description=_RESULTS)


@strawberry.type(description="What addVariant came to.")
class AddVariantPayload(Payload):
    """An Outcome with a variant."""

    variant: ProductVariant | None = created_row(reads.variant_by_id, key="id", description="The new variant.")
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="Its product as it is now."
    )


@strawberry.type(description="What updateVariant came to.")
class UpdateVariantPayload(Payload):
    """An Outcome with a variant."""

    variant: ProductVariant | None = changed_row(reads.variant_by_id, key="id", description="The variant as it is now.")
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="Its product as it is now."
    )


@strawberry.type(description="What removeVariant came to.")
class RemoveVariantPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(reads.product_by_id, key="id", description="The product without the variant.")


@strawberry.type(description="What addImage came to.")
class AddImagePayload(Payload):
    """An Outcome with an image."""

    image: ProductImage | None = created_row(reads.image_by_id, key="id", description="The new picture.")
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="Its product as it is now."
    )


@strawberry.type(description="What updateImage came to.")
class UpdateImagePayload(Payload):
    """An Outcome with an image."""

    image: ProductImage | None = changed_row(
        reads.image_by_id, key="id", derived=("position",), description="The image as it is now."
    )
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="Its product as it is now."
    )


@strawberry.type(description="What removeImage came to.")
class RemoveImagePayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(reads.product_by_id, key="id", description="The product without the picture.")


@strawberry.type(description="What createCategory came to.")
class CreateCategoryPayload(Payload):
    """An Outcome with a category."""

    category: Category | None = created_row(reads.category_by_id, key="id", description="The new category.")


@strawberry.type(description="What updateCategory came to.")
class UpdateCategoryPayload(Payload):
    """An Outcome with a category."""

    category: Category | None = changed_row(reads.category_by_id, key="id", description="The category as it is now.")


@strawberry.type(description="What removeCategory came to.")
class RemoveCategoryPayload(Payload):
    """An Outcome with the category that was removed."""

    deleted_id: Id | None = result_value("id", description="The id of the category that is gone.")


@strawberry.type
class CatalogMutation:
    """Use cases of the catalog."""

    create_product: CreateProductPayload = mutation(catalog.create_product)
    update_product: UpdateProductPayload = mutation(catalog.update_product)
    archive_product: ArchiveProductPayload = mutation(catalog.archive_product)
    update_products: UpdateProductsPayload = mutation(catalog.update_products)
    archive_products: ArchiveProductsPayload = mutation(catalog.archive_products)
    add_variant: AddVariantPayload = mutation(catalog.add_variant)
    update_variant: UpdateVariantPayload = mutation(catalog.update_variant)
    remove_variant: RemoveVariantPayload = mutation(catalog.remove_variant)
    add_image: AddImagePayload = mutation(catalog.add_image)
    update_image: UpdateImagePayload = mutation(catalog.update_image)
    remove_image: RemoveImagePayload = mutation(catalog.remove_image)
    create_category: CreateCategoryPayload = mutation(catalog.create_category)
    update_category: UpdateCategoryPayload = mutation(catalog.update_category)
    remove_category: RemoveCategoryPayload = mutation(catalog.remove_category)
