"""REST endpoints of products, variants, images and categories."""

from __future__ import annotations

from domain import catalog, inventory
from domain.catalog.commands import ProductFilter
from domain.catalog.serializers import ImageDocument, ProductDocument, VariantDocument
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.bulk import ProductResultDocument
from rest_compat.catalog.categories import CATEGORIES
from rest_compat.catalog.resources import (
    describe_products,
    fetch_image,
    fetch_images,
    fetch_product,
    fetch_variant,
    fetch_variant_alone,
    fetch_variants,
    freeze_stock,
    represent_image,
    represent_product,
    represent_products,
    represent_variant,
)
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction

reads = catalog.reads

_PRODUCT = PathId(noun="product", prefix="prod")
_PRODUCT_OR_SKU = PathId(noun="product", prefix="prod", otherwise="SKU")
_PARENT = PathId(noun="product", prefix="prod", field="product_id")
_VARIANT = PathId(noun="variant", prefix="var")
_IMAGE = PathId(noun="image", prefix="img")
_FIND = (reads.product_by_id, reads.product_by_sku)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/products",
        name="listProducts",
        summary="List products",
        description="Newest first by default; with `search`, best match first.",
        tag="Products",
        action=PageAction(
            listing=reads.products,
            describe=describe_products,
            filters=ProductFilter,
            search="Search in names and SKUs, by words or prefixes, ignoring case and accents. Best match first.",
            admit=reads.admitted,
        ),
        response=ProductDocument,
    ),
    Endpoint(
        method="POST",
        path="/products",
        name="createProduct",
        summary="Create a product",
        description="Without `variants`, one variant with the SKU of the product is created.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.create_product), represent=represent_product),
        response=ProductDocument,
    ),
    Endpoint(
        method="POST",
        path="/products/bulk",
        name="updateProducts",
        summary="Update many products in one transaction",
        description="Each input is an update as in `PUT /products/{id}`, with the id in the body. If one input is "
        "refused, nothing is changed, unless `error_policy` is `skip`.",
        tag="Products",
        action=WriteAction(
            use_case=use_case_of(catalog.update_products), represent=represent_products, writes=frozenset()
        ),
        response=list[ProductResultDocument],
        creates_resource=False,
    ),
    Endpoint(
        method="POST",
        path="/products/bulk/archive",
        name="archiveProducts",
        summary="Archive many products in one transaction",
        description="Each input archives a product as `DELETE /products/{id}` does. If one input is refused, nothing "
        "is changed, unless `error_policy` is `skip`.",
        tag="Products",
        action=WriteAction(
            use_case=use_case_of(catalog.archive_products), writes=frozenset({"status"}), represent=represent_products
        ),
        response=list[ProductResultDocument],
        creates_resource=False,
    ),
    Endpoint(
        method="GET",
        path="/products/{id}",
        name="getProduct",
        summary="Get a product by id or SKU",
        description="The SKU of one of the variants also identifies the product.",
        tag="Products",
        action=ItemAction(
            reads=(*_FIND, reads.variants_by_product, reads.images_by_product, reads.categories_by_product),
            fetch=fetch_product,
        ),
        response=ProductDocument,
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="PUT",
        path="/products/{id}",
        name="updateProduct",
        summary="Update a product",
        description="Omitted fields stay unchanged. `variants` are matched by id, then by SKU; `categories`, `images` "
        "and `tags` replace the list; `metadata` is merged. The `inventory` of a variant is not part of the version: "
        "to change it in a conditional request, or in a document that was read before, send `If-Match` with the "
        "current ETag of the product.",
        tag="Products",
        action=WriteAction(
            use_case=use_case_of(catalog.update_product),
            represent=represent_product,
            current=fetch_product,
            freeze=freeze_stock,
        ),
        response=ProductDocument,
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}",
        name="archiveProduct",
        summary="Archive a product",
        description="The product stays readable with the status `archived` and keeps its SKU. Repeating the request "
        "also returns 204.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.archive_product), current=fetch_product),
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/variants",
        name="listVariants",
        summary="List a product's variants",
        tag="Products",
        action=ItemAction(reads=(*_FIND, reads.variants_by_product), fetch=fetch_variants),
        response=list[VariantDocument],
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="POST",
        path="/products/{id}/variants",
        name="addVariant",
        summary="Add a variant to a product",
        tag="Products",
        action=WriteAction(
            use_case=use_case_of(catalog.add_variant), represent=represent_variant, current=fetch_product
        ),
        response=VariantDocument,
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/variants/{variant_id}",
        name="getVariant",
        summary="Get a variant",
        tag="Products",
        action=ItemAction(reads=(*_FIND, reads.variant_by_id, inventory.reads.stock_by_variant), fetch=fetch_variant),
        response=VariantDocument,
        ids={"id": _PRODUCT_OR_SKU, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="PUT",
        path="/products/{id}/variants/{variant_id}",
        name="updateVariant",
        summary="Update a variant",
        description="Omitted fields stay unchanged. With a null `price`, the product's price applies. `inventory` is "
        "not part of the version: to change it in a conditional request, or in a document that was read before, send "
        "`If-Match` with the current ETag of the variant.",
        tag="Products",
        action=WriteAction(
            use_case=use_case_of(catalog.update_variant),
            represent=represent_variant,
            current=fetch_variant,
            freeze=freeze_stock,
        ),
        response=VariantDocument,
        ids={"id": _PARENT, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}/variants/{variant_id}",
        name="removeVariant",
        summary="Remove a variant",
        description="The stock of the variant is written off. The last variant cannot be removed.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.remove_variant), current=fetch_variant),
        ids={"id": _PARENT, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="GET",
        path="/variants/{id}",
        name="findVariant",
        summary="Get a variant by id or SKU",
        description="Searches the variants of all products. A SKU that belongs to a product only is not found.",
        tag="Products",
        action=ItemAction(
            reads=(reads.variant_by_id, reads.variant_by_sku, reads.product_by_id, reads.images_by_product),
            fetch=fetch_variant_alone,
        ),
        response=VariantDocument,
        ids={"id": PathId(noun="variant", prefix="var", otherwise="SKU")},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/images",
        name="listImages",
        summary="List a product's images",
        tag="Products",
        action=ItemAction(reads=(*_FIND, reads.images_by_product), fetch=fetch_images),
        response=list[ImageDocument],
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="POST",
        path="/products/{id}/images",
        name="addImage",
        summary="Add an image to a product",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.add_image), represent=represent_image, current=fetch_product),
        response=ImageDocument,
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/images/{image_id}",
        name="getImage",
        summary="Get an image",
        tag="Products",
        action=ItemAction(reads=(*_FIND, reads.image_by_id), fetch=fetch_image),
        response=ImageDocument,
        ids={"id": _PRODUCT_OR_SKU, "image_id": _IMAGE},
    ),
    Endpoint(
        method="PUT",
        path="/products/{id}/images/{image_id}",
        name="updateImage",
        summary="Update the alternative text or the position of an image",
        description="Omitted fields stay unchanged. The URL never changes.",
        tag="Products",
        action=WriteAction(
            use_case=use_case_of(catalog.update_image),
            derived=frozenset({"position"}),
            represent=represent_image,
            current=fetch_image,
        ),
        response=ImageDocument,
        ids={"id": _PARENT, "image_id": _IMAGE},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}/images/{image_id}",
        name="removeImage",
        summary="Remove an image",
        description="Variants that use the image are left without an image.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.remove_image), current=fetch_image),
        ids={"id": _PARENT, "image_id": _IMAGE},
    ),
    *CATEGORIES,
)
