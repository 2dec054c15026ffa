"""The settings of a store: shipping methods and tax rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import (
    Instant,
    KeyText,
    StoreOwned,
)


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """A shipping method. ``price``: minor units of ``currency``, the store's."""

    code: str
    name: str
    price: int
    currency: str


@dataclass(frozen=True, slots=True)
class TaxRate:
    """The tax rate of a country or state. ``rate``: in millionths."""

    country: str
    state: str | None
    rate: int
    on_shipping: bool


class StoreSettings(StoreOwned):
    """The settings of a store: shipping methods and taxes. One row per store; its id is the store's id."""

    __tablename__ = "store_settings"

    currency: Mapped[KeyText]
    shipping_methods: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The members of ``ShippingMethod`` without the currency."""
    tax_rates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The members of ``TaxRate``."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
