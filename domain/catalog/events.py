"""Events of the catalog, and its signals to other areas in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.kernel.errors import Path
from domain.kernel.events import Event
from domain.kernel.use_cases.unit_of_work import Signal


class ProductCreated(Event, type="product.created"):
    """A product was created."""


class ProductUpdated(Event, type="product.updated"):
    """A product was changed. Stock changes do not create this event."""


class ProductDeleted(Event, type="product.deleted"):
    """A product was archived."""


@dataclass(frozen=True, slots=True)
class StockDeclared(Signal):
    """A command set the available quantity of variants.

    ``quantities``: variant id to product id, quantity, and its path in the command.
    """

    quantities: Mapping[str, tuple[str, int, Path]]


@dataclass(frozen=True, slots=True)
class VariantRemoved(Signal):
    """A variant is about to be removed. Its stock must be written off first."""

    product_id: str
    variant_id: str
