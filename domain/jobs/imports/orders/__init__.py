"""Imports of past orders: from our own columns and JSON Lines, and from the columns of "Online Retail"."""

from domain.jobs.imports.orders.importer import OrderImporter
from domain.jobs.imports.orders.online_retail import OnlineRetailImporter

__all__ = ["OnlineRetailImporter", "OrderImporter"]
