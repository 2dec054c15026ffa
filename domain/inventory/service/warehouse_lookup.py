"""Which warehouse is meant, held against being deactivated until the transaction ends.

A warehouse is deactivated under a full lock of its row, and only while it is empty; whoever puts stock into it holds a
key-share lock from before, which many can hold at once. So no stock comes to lie in an inactive one.
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
    """The id of the store's default warehouse."""
    statement = (
        select(Warehouse.id)
        .where(Warehouse.store_id == work.store.number, Warehouse.is_default)
        .with_for_update(read=True, key_share=True)
    )
    for _ in range(LOCK_ATTEMPTS):  # while the lock is awaited another one may become the default
        found = (await work.session.scalars(statement)).one_or_none()
        if found is not None:
            return found
    raise Unavailable("The default warehouse is being changed. Try again in a few seconds.")


async def find_warehouse(work: UnitOfWork, location: str | Unset, path: Path) -> str:
    """The warehouse named, or the default one.

    Raises ValidationFailed for one that does not exist, Conflict for one that is inactive.
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
    """Those of the warehouses that are active."""
    return {id for id, active in (await _active(work, sorted(set(ids)))).items() if active}


async def _active(work: UnitOfWork, ids: list[str]) -> dict[str, bool]:
    """Whether each of the warehouses is active; those that do not exist are left out."""
    if not ids:
        return {}
    statement = (
        select(Warehouse.id, Warehouse.active)
        .where(Warehouse.store_id == work.store.number, Warehouse.id.in_(ids))
        .order_by(Warehouse.id)
        .with_for_update(read=True, key_share=True)
    )
    return dict((await work.session.execute(statement)).all())
