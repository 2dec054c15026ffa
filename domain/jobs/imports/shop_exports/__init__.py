"""Imports of the CSV files of products that other shop systems export, told apart by their headers."""

from domain.jobs.imports.shop_exports.shopify import ShopifyImporter
from domain.jobs.imports.shop_exports.variations import VariationReader
from domain.jobs.imports.shop_exports.woocommerce import WooCommerceImporter

__all__ = ["ShopifyImporter", "VariationReader", "WooCommerceImporter"]
