"""Mutations of the catalog and their payloads."""

from __future__ import annotations

import strawberry

from domain import catalog
from resolvers.types import Id
from schema.catalog.types import Category, Product, ProductImage, ProductVariant
from schema.mutation_fields import changed_row, created_row, mutation, result_value, touched_row
from schema.payload import Payload

reads = catalog.reads


@strawberry.type(description="Result of `createProduct`.")
class CreateProductPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = created_row(reads.product_by_id, key="id", description="The created product.")


@strawberry.type(description="Result of `updateProduct`.")
class UpdateProductPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(reads.product_by_id, key="id", description="The product after the change.")


@strawberry.type(description="Result of `archiveProduct`.")
class ArchiveProductPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(
        reads.product_by_id, key="id", written=("status",), description="The product after the change."
    )


_RESULTS = "The result of each input, in the order of the inputs. Null if all inputs were refused."


@strawberry.type(description="Result of `updateProducts`. `userErrors` says why inputs were refused.")
class UpdateProductsPayload(Payload):
    """An Outcome with a BulkResult; each of its outcomes is that of a single update."""

    results: list[UpdateProductPayload] | None = result_value("outcomes", description=_RESULTS)


@strawberry.type(description="Result of `archiveProducts`. `userErrors` says why inputs were refused.")
class ArchiveProductsPayload(Payload):
    """An Outcome with a BulkResult."""

    results: list[ArchiveProductPayload] | None = result_value("outcomes", description=_RESULTS)


@strawberry.type(description="Result of `addVariant`.")
class AddVariantPayload(Payload):
    """An Outcome with a variant."""

    variant: ProductVariant | None = created_row(reads.variant_by_id, key="id", description="The created variant.")
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="The product after the change."
    )


@strawberry.type(description="Result of `updateVariant`.")
class UpdateVariantPayload(Payload):
    """An Outcome with a variant."""

    variant: ProductVariant | None = changed_row(
        reads.variant_by_id, key="id", description="The variant after the change."
    )
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="The product after the change."
    )


@strawberry.type(description="Result of `removeVariant`.")
class RemoveVariantPayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(
        reads.product_by_id, key="id", description="The product after the variant was removed."
    )


@strawberry.type(description="Result of `addImage`.")
class AddImagePayload(Payload):
    """An Outcome with an image."""

    image: ProductImage | None = created_row(reads.image_by_id, key="id", description="The created image.")
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="The product after the change."
    )


@strawberry.type(description="Result of `updateImage`.")
class UpdateImagePayload(Payload):
    """An Outcome with an image."""

    image: ProductImage | None = changed_row(
        reads.image_by_id, key="id", derived=("position",), description="The image after the change."
    )
    product: Product | None = touched_row(
        reads.product_by_id, key="product_id", description="The product after the change."
    )


@strawberry.type(description="Result of `removeImage`.")
class RemoveImagePayload(Payload):
    """An Outcome with a product."""

    product: Product | None = changed_row(
        reads.product_by_id, key="id", description="The product after the image was removed."
    )


@strawberry.type(description="Result of `createCategory`.")
class CreateCategoryPayload(Payload):
    """An Outcome with a category."""

    category: Category | None = created_row(reads.category_by_id, key="id", description="The created category.")


@strawberry.type(description="Result of `updateCategory`.")
class UpdateCategoryPayload(Payload):
    """An Outcome with a category."""

    category: Category | None = changed_row(
        reads.category_by_id, key="id", description="The category after the change."
    )


@strawberry.type(description="Result of `removeCategory`.")
class RemoveCategoryPayload(Payload):
    """An Outcome with the category that was removed."""

    deleted_id: Id | None = result_value("id", description="The id of the removed category.")


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
