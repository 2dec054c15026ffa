"""The areas, and what they announce together.

An area is loaded by its name, so that this list is below all of them: events collect the types of the areas below
events, the resolvers the objects of every area. Each may see only what is listed before it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from domain.kernel import kernel_area
from domain.kernel.area import Area, Tables

AREAS = (
    "domain.access",
    "domain.catalog",
    "domain.customers",
    "domain.inventory",
    "domain.payments",
    "domain.orders",
    "domain.shipping",
    "domain.events",
    "domain.webhooks",
    "domain.analytics",
    "domain.jobs",
)
"""Lowest first; each has a module ``area`` with its ``AREA``."""


@cache
def load_areas(below: str | None = None) -> tuple[Area, ...]:
    """The announcements of all areas, lowest first; ``below``: of those below the area of this name."""
    names = AREAS if below is None else AREAS[: AREAS.index(f"domain.{below}")]
    areas: list[Area] = [import_module(f"{name}.area").AREA for name in names]
    return tuple(areas)


def announcements() -> tuple[Area, ...]:
    """The announcement of the kernel, and those of all areas, lowest first."""
    return (kernel_area.AREA, *load_areas())


@cache
def all_tables() -> Tables:
    """All tables, but for Alembic's own."""
    every = [area.tables for area in announcements()]
    return Tables(
        names=frozenset().union(*(tables.names for tables in every)),
        without_store=frozenset().union(*(tables.without_store for tables in every)),
        read_only=frozenset().union(*(tables.read_only for tables in every)),
        append_only=frozenset().union(*(tables.append_only for tables in every)),
        partitioned=tuple(table for tables in every for table in tables.partitioned),
    )
