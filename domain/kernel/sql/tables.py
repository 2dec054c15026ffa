"""The declarative base and the column types of every table (DECISIONS.md: keys as callers write them, COLLATE "C")."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, Boolean, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from domain.kernel.validation import name_key_of

NAMING_CONVENTION = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}
KEY_TEXT = Text(collation="C")
"""Ids and folded keys: compared byte by byte, so that ranges use the index under row-level security."""
INSTANT = TIMESTAMP(timezone=True, precision=3)

WIDE_COLUMN = {"wide": True}
"""Of a column whose values may be long: it is read only where something of it is shown. JSONB always is."""


def key_of_name(context: Any) -> str:
    """The default of a ``name_key`` that follows the row's ``name``, where rows are inserted without their entity."""
    return name_key_of(context.get_current_parameters()["name"])


Instant = Annotated[datetime, mapped_column(INSTANT)]
KeyText = Annotated[str, mapped_column(KEY_TEXT)]
Minor = Annotated[int, mapped_column(BigInteger)]
Document = Annotated[dict[str, Any], mapped_column(JSONB)]
Texts = Annotated[list[str], mapped_column(ARRAY(Text))]
StoreKey = Annotated[int, mapped_column(Integer, primary_key=True)]
IdKey = Annotated[str, mapped_column(KEY_TEXT, primary_key=True)]


def is_wide(column: Any) -> bool:
    """Whether the values of a selected column may be long."""
    return isinstance(column.type, JSONB) or WIDE_COLUMN.items() <= getattr(column, "info", {}).items()


class Base(DeclarativeBase):
    """Every entity; writes only, reads go through ``reads.py``."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {str: Text(), int: Integer(), bool: Boolean()}  # noqa: RUF012 - SQLAlchemy's own name


class StoreOwned(Base):
    """An entity of one store, identified by its id."""

    __abstract__ = True

    store_id: Mapped[StoreKey]
    id: Mapped[IdKey]


__all__ = [
    "INSTANT",
    "KEY_TEXT",
    "WIDE_COLUMN",
    "Base",
    "Document",
    "IdKey",
    "Instant",
    "KeyText",
    "Minor",
    "StoreKey",
    "StoreOwned",
    "Texts",
    "is_wide",
    "key_of_name",
]
