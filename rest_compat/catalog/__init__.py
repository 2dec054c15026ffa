"""The catalog's routes: products, their variants and images, and categories."""

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
        description="A page of products, newest first unless sorted; a search is sorted by how well it matches.",
        tag="Products",
        action=PageAction(
            listing=reads.products,
            describe=describe_products,
            filters=ProductFilter,
            search="Words, or their beginnings, of the name or the SKU, whatever the case and accents.",
            admit=reads.admitted,
        ),
        response=ProductDocument,
    ),
    Endpoint(
        method="POST",
        path="/products",
        name="createProduct",
        summary="Create a product",
        description="Without variants, a default one shares the product's SKU.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.create_product), represent=represent_product),
        response=ProductDocument,
    ),
    Endpoint(
        method="POST",
        path="/products/bulk",
        name="updateProducts",
        summary="Update many products in one transaction",
        description="Each as PUT /products/{id} does, with its id in the body. One refused input refuses all, unless "
        "error_policy is skip.",
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
        description="Each as DELETE /products/{id} does. One refused input refuses all, unless error_policy is skip.",
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
        summary="Retrieve a product by id or SKU",
        description="The SKU of one of its variants will do as well.",
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
        description="What is left out stays. Variants merge by id, then SKU; categories, images and tags replace; "
        "metadata merges. A variant's inventory does not count towards the version: sent under a condition, or in a "
        "document written back, one that differs needs an If-Match with the ETag of the product as it is now.",
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
        description="It stays readable with the status archived, and its SKU stays taken. Again is 204 as well.",
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
        summary="Retrieve a variant",
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
        description="What is left out stays; a null price follows the product's. inventory does not count towards the "
        "version: sent under a condition, or in a document written back, one that differs needs an If-Match with the "
        "ETag of the variant as it is now.",
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
        description="Its stock is written off. A product keeps at least one variant.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.remove_variant), current=fetch_variant),
        ids={"id": _PARENT, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="GET",
        path="/variants/{id}",
        name="findVariant",
        summary="Retrieve a variant by id or SKU",
        description="Whatever its product. The SKU that only a product has finds none.",
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
        summary="Retrieve an image",
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
        description="What is left out stays; the URL never changes.",
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
        description="Variants that showed it show none.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.remove_image), current=fetch_image),
        ids={"id": _PARENT, "image_id": _IMAGE},
    ),
    *CATEGORIES,
)
