"""Lookup of warehouses, locked against deactivation until the transaction ends.

A warehouse is deactivated under a full lock of its row, and only while it is empty. Writers of stock acquire a
key-share lock first, which many can hold at once. So no stock is added to an inactive warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from domain.inventory.model import Warehouse
from domain.kernel.errors import Conflict, ErrorCode, Path, Unavailable, ValidationFailed
from domain.kernel.fields import Unset
from domain.kernel.ids import is_id
from domain.kernel.use_cases.unit_of_work import UnitOfWork

LOCK_ATTEMPTS = 5


async def default_warehouse(work: UnitOfWork) -> str:
    """Return the id of the store's default warehouse."""
    statement = (
        select(Warehouse.id)
        .where(Warehouse.store_id == work.store.number, Warehouse.is_default)
        .with_for_update(read=True, key_share=True)
    )
    for _ in range(LOCK_ATTEMPTS):  # another one may become the default while waiting for the lock
        found = (await work.session.scalars(statement)).one_or_none()
        if found is not None:
            return found
    raise Unavailable("The default warehouse is being changed. Try again in a few seconds.")


async def find_warehouse(work: UnitOfWork, location: str | Unset, path: Path) -> str:
    """Return the id of the given or the default warehouse.

    Raises ValidationFailed if it does not exist, Conflict if it is inactive.
    """
    if not location:
        return await default_warehouse(work)
    active = await _active(work, [location]) if is_id("wh", location) else {}
    if location not in active:
        raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "Warehouse not found.")
    if not active[location]:
        message = "The warehouse is inactive. Activate it or use another one."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)
    return location


async def active_warehouses(work: UnitOfWork, ids: Iterable[str]) -> set[str]:
    """Return the ids of the warehouses that are active."""
    return {id for id, active in (await _active(work, sorted(set(ids)))).items() if active}


async def _active(work: UnitOfWork, ids: list[str]) -> dict[str, bool]:
    """Return whether each warehouse is active. Warehouses that do not exist are left out."""
    if not ids:
        return {}
    statement = (
        select(Warehouse.id, Warehouse.active)
        .where(Warehouse.store_id == work.store.number, Warehouse.id.in_(ids))
        .order_by(Warehouse.id)
        .with_for_update(read=True, key_share=True)
    )
    return dict((await work.session.execute(statement)).all())
