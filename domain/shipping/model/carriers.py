"""The store's own carriers, and its shipping settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.catalog import WeightUnit
from domain.kernel.sql.tables import KEY_TEXT, Instant, KeyText, StoreOwned, Texts


class CustomCarrier(StoreOwned):
    """A carrier that the store has described itself, with its services and prices."""

    __tablename__ = "shipping_carrier"
    __table_args__ = (
        CheckConstraint("weight_unit IN ('g', 'kg', 'oz', 'lb')", name="weight_unit"),
        Index("shipping_carrier_code_key", "store_id", "code", unique=True),
        Index("shipping_carrier_created_idx", "store_id", "created_at", "id"),
    )

    code: Mapped[KeyText]
    name: Mapped[str]
    active: Mapped[bool]
    """Whether it is asked for rates and accepts shipments."""
    tracking_url: Mapped[str | None]
    """The page that follows a package; ``{number}`` stands for its tracking number."""
    prints_labels: Mapped[bool]
    currency: Mapped[KeyText]
    weight_unit: Mapped[WeightUnit] = mapped_column(KEY_TEXT)
    zones: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """``{code, countries}``; a zone with no countries is that of all others."""
    services: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """``{code, name, min_days, max_days, rates: [{zone, weight_from, weight_to, price}]}``; weights are decimal texts
    in ``weight_unit``, prices minor units.
    """
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class ShippingSettings(StoreOwned):
    """How a store ships. One row a store; its id is that of the store."""

    __tablename__ = "shipping_settings"

    currency: Mapped[KeyText]
    carriers: Mapped[Texts]
    """The codes of the built-in carriers that are asked."""
    exchange_rates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """``{currency, rate}``: how much of the store's currency one unit of another is worth, as a decimal text."""
    boxes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """``{name, length, width, height, dimension_unit, max_weight, empty_weight, weight_unit}``, numbers as texts."""
    accounts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """``{carrier, account_number, credentials}``, the credentials encrypted."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
