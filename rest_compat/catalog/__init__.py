"""REST endpoints of products, variants, images and categories."""

from __future__ import annotations

from domain import catalog
from domain.catalog.commands import ProductFilter
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.bulk import BulkProducts
from rest_compat.catalog.categories import CATEGORIES
from rest_compat.catalog.objects import (
    ANY_VARIANT,
    IMAGE,
    IMAGES,
    PRODUCT,
    VARIANT,
    VARIANTS,
    ProductDocument,
    freeze_stock,
)
from rest_compat.endpoint import Endpoint, tagged

reads = catalog.reads

_PRODUCT = PRODUCT.id_in_path()
_PRODUCT_OR_SKU = PRODUCT.id_in_path(otherwise=True)
_PARENT = PRODUCT.id_in_path("product_id")
_VARIANT = VARIANT.id_in_path()
_IMAGE = IMAGE.id_in_path()

_PRODUCTS = tagged(
    "Products",
    Endpoint(
        method="GET",
        path="/products",
        name="listProducts",
        summary="List products",
        is_public=True,
        description="Newest first by default; with `search`, best match first.",
        action=PageAction(
            listing=reads.products,
            document=ProductDocument,
            filters=ProductFilter,
            search="Search in names and SKUs, by words or prefixes, ignoring case and accents. Best match first.",
            check_filters=reads.check_filters,
        ),
    ),
    Endpoint(
        method="POST",
        path="/products",
        name="createProduct",
        summary="Create a product",
        description="Without `variants`, one variant with the SKU of the product is created.",
        action=WriteAction(use_case=use_case_of(catalog.create_product), returns=PRODUCT),
    ),
    Endpoint(
        method="POST",
        path="/products/bulk",
        name="updateProducts",
        summary="Update many products in one transaction",
        description="Each input is an update as in `PUT /products/{id}`, with the id in the body. If one input is "
        "refused, nothing is changed, unless `error_policy` is `skip`.",
        action=WriteAction(use_case=use_case_of(catalog.update_products), returns=BulkProducts(), writes=frozenset()),
        creates_resource=False,
    ),
    Endpoint(
        method="POST",
        path="/products/bulk/archive",
        name="archiveProducts",
        summary="Archive many products in one transaction",
        description="Each input archives a product as `DELETE /products/{id}` does. If one input is refused, nothing "
        "is changed, unless `error_policy` is `skip`.",
        action=WriteAction(
            use_case=use_case_of(catalog.archive_products), writes=frozenset({"status"}), returns=BulkProducts()
        ),
        creates_resource=False,
    ),
    Endpoint(
        method="GET",
        path="/products/{id}",
        name="getProduct",
        summary="Get a product by id or SKU",
        is_public=True,
        description="The SKU of one of the variants also identifies the product.",
        action=ItemAction(
            source=PRODUCT,
        ),
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
        action=WriteAction(
            use_case=use_case_of(catalog.update_product),
            returns=PRODUCT,
            current=PRODUCT,
            freeze=freeze_stock,
        ),
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}",
        name="archiveProduct",
        summary="Archive a product",
        description="The product stays readable with the status `archived` and keeps its SKU. Repeating the request "
        "also returns 204.",
        action=WriteAction(use_case=use_case_of(catalog.archive_product), current=PRODUCT),
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/variants",
        name="listVariants",
        summary="List a product's variants",
        is_public=True,
        action=ItemAction(source=VARIANTS),
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="POST",
        path="/products/{id}/variants",
        name="addVariant",
        summary="Add a variant to a product",
        action=WriteAction(use_case=use_case_of(catalog.add_variant), returns=VARIANT, current=PRODUCT),
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/variants/{variant_id}",
        name="getVariant",
        summary="Get a variant",
        is_public=True,
        action=ItemAction(source=VARIANT),
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
        action=WriteAction(
            use_case=use_case_of(catalog.update_variant),
            returns=VARIANT,
            current=VARIANT,
            freeze=freeze_stock,
        ),
        ids={"id": _PARENT, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}/variants/{variant_id}",
        name="removeVariant",
        summary="Remove a variant",
        description="The stock of the variant is written off. The last variant cannot be removed.",
        action=WriteAction(use_case=use_case_of(catalog.remove_variant), current=VARIANT),
        ids={"id": _PARENT, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="GET",
        path="/variants/{id}",
        name="findVariant",
        summary="Get a variant by id or SKU",
        is_public=True,
        description="Searches the variants of all products. A SKU that belongs to a product only is not found.",
        action=ItemAction(
            source=ANY_VARIANT,
        ),
        ids={"id": ANY_VARIANT.id_in_path(otherwise=True)},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/images",
        name="listImages",
        summary="List a product's images",
        is_public=True,
        action=ItemAction(source=IMAGES),
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="POST",
        path="/products/{id}/images",
        name="addImage",
        summary="Add an image to a product",
        action=WriteAction(use_case=use_case_of(catalog.add_image), returns=IMAGE, current=PRODUCT),
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/images/{image_id}",
        name="getImage",
        summary="Get an image",
        is_public=True,
        action=ItemAction(source=IMAGE),
        ids={"id": _PRODUCT_OR_SKU, "image_id": _IMAGE},
    ),
    Endpoint(
        method="PUT",
        path="/products/{id}/images/{image_id}",
        name="updateImage",
        summary="Update the alternative text or the position of an image",
        description="Omitted fields stay unchanged. The URL never changes.",
        action=WriteAction(
            use_case=use_case_of(catalog.update_image),
            derived=frozenset({"position"}),
            returns=IMAGE,
            current=IMAGE,
        ),
        ids={"id": _PARENT, "image_id": _IMAGE},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}/images/{image_id}",
        name="removeImage",
        summary="Remove an image",
        description="Variants that use the image are left without an image.",
        action=WriteAction(use_case=use_case_of(catalog.remove_image), current=IMAGE),
        ids={"id": _PARENT, "image_id": _IMAGE},
    ),
)
ENDPOINTS = (*_PRODUCTS, *CATEGORIES)
