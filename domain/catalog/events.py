"""What the catalog announces, and the news it has for other areas in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.kernel.errors import Path
from domain.kernel.events import Event
from domain.kernel.use_cases.unit_of_work import Signal


class ProductCreated(Event, type="product.created"):
    """A product was added."""


class ProductUpdated(Event, type="product.updated"):
    """A product changed; ``changed_fields`` says where."""


class ProductDeleted(Event, type="product.deleted"):
    """A product was archived."""


@dataclass(frozen=True, slots=True)
class StockDeclared(Signal):
    """The catalog was told what is available of variants: variant id to product id, quantity, and where the command
    says it."""

    quantities: Mapping[str, tuple[str, int, Path]]


@dataclass(frozen=True, slots=True)
class VariantRemoved(Signal):
    """A variant is about to go; its stock must be written off first."""

    product_id: str
    variant_id: str
