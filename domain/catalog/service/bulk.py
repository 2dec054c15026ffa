"""Bulk use cases: many products in one transaction.

Locks are acquired in one order: bulk writes of a store are serialized, then all products are locked by id, and further
locks (stock, SKUs, categories) follow in the order of the products.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import select

from domain.catalog.commands import ArchiveProduct, ArchiveProducts, UpdateProduct, UpdateProducts
from domain.catalog.model import Product
from domain.catalog.service.products import archive_product, update_product
from domain.kernel.principal import Principal
from domain.kernel.use_cases.bulk import Bulk, BulkResult, take_turns
from domain.kernel.use_cases.registry import Execute, use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

C = TypeVar("C", UpdateProduct, ArchiveProduct)


@use_case("products:write", bulk=True)
async def update_products(work: UnitOfWork, principal: Principal, command: UpdateProducts) -> BulkResult[Product]:
    """Update many products, each by ``update_product``. Raises Conflict, ValidationFailed unless they are skipped."""
    return await _each(work, principal, Bulk(command.input, command.error_policy), update_product)


@use_case("products:write", bulk=True)
async def archive_products(work: UnitOfWork, principal: Principal, command: ArchiveProducts) -> BulkResult[Product]:
    """Archive many products, each by ``archive_product``. Raises Conflict, ValidationFailed unless they are skipped."""
    return await _each(work, principal, Bulk(command.input, command.error_policy), archive_product)


async def _each(
    work: UnitOfWork, principal: Principal, bulk: Bulk[C, Product], do: Execute[C, Product]
) -> BulkResult[Product]:
    async def one(command: C) -> Product:
        return await do(work, principal, command)

    await take_turns(work)
    await _lock(work, bulk.given)
    await bulk.each(work, sorted(bulk.given, key=lambda index: (bulk.given[index].id, index)), one)
    return bulk.result()


async def _lock(work: UnitOfWork, given: Mapping[int, C]) -> None:
    ids = sorted({command.id for command in given.values()})
    statement = select(Product.id).where(Product.store_id == work.store.number, Product.id.in_(ids))
    await work.session.execute(statement.order_by(Product.id).with_for_update(key_share=True))
