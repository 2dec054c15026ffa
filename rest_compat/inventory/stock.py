"""The stock of a product or variant, and what changes of it return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from domain import inventory
from domain.inventory.documents import (
    AdjustedDocument,
    InventoryDocument,
    StockSetDocument,
    TransferredDocument,
    VariantInventoryDocument,
)
from domain.kernel.documents import Document
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.events import SnapshotRow
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.bulk import BulkResult
from rest_compat.bulk import AdjustmentResultDocument, represent_outcomes
from rest_compat.objects import ROOT, Ids, Representation

reads = inventory.reads
_BY_PRODUCT = (reads.inventory_by_product, reads.levels_by_product)
_BY_VARIANT = (reads.inventory_by_variant, reads.levels_by_variant)


class StockOfProduct:
    """The stock of a product, or of one variant if the path or a parameter identifies it."""

    scope = reads.SCOPE
    response = InventoryDocument
    _of_product = DocumentRead(InventoryDocument, reads.inventory_by_product)
    _of_variant = DocumentRead(VariantInventoryDocument, reads.inventory_by_variant)

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The stock. Raises NotFound, ValidationFailed (two different variants)."""
        target = await inventory.find_stock_target(db, ids["id"], ids.get("variant_id"), ids.get("sku"))
        if target.variant_id is None:
            found = await self._of_product.for_key(db, principal, target.product_id)
        else:
            found = await self._of_variant.for_key(db, principal, target.variant_id)
        assert found is not None  # noqa: S101 - the target was found, and each has stock, if none at all
        return Representation(found.body)


@dataclass(frozen=True, slots=True)
class StockChange:
    """The stock after a change, with its movement or movements."""

    response: type[Document]
    located: bool
    """Whether the change leaves a movement behind that ``Location`` names."""

    async def represent(self, db: Executor, principal: Principal, done: Any) -> Representation:
        """The stock. ``done``: an ``Adjustment`` or a ``Transfer``."""
        (row,) = await _stock_rows(db, [done])
        document = self.response.of_row(row, principal)
        location = f"{ROOT}/inventory/{done.product_id}/movements/{row.movements[0].id}" if self.located else None
        return Representation(orjson.dumps(document), location=location)


ADJUSTED = StockChange(AdjustedDocument, located=True)
STOCK_SET = StockChange(StockSetDocument, located=False)
TRANSFERRED = StockChange(TransferredDocument, located=True)


class BulkAdjustments:
    """The outcome of each of many adjustments."""

    response = list[AdjustmentResultDocument]

    async def represent(
        self, db: Executor, principal: Principal, result: BulkResult[inventory.Adjustment]
    ) -> Representation:
        """The outcomes, by five statements for any number."""
        rows = await _stock_rows(db, result.results)
        documents = [orjson.Fragment(orjson.dumps(AdjustedDocument.of_row(row, principal))) for row in rows]
        return represent_outcomes(result, AdjustmentResultDocument, "inventory", documents, principal)


async def _stock_rows(db: Executor, changes: Sequence[Any]) -> list[SnapshotRow]:
    """The stock that each change is about, as rows that own the levels, the stock by warehouse and the movements."""
    totals = {
        **await _by_key(db, _BY_PRODUCT, [each.product_id for each in changes if each.variant_id is None]),
        **await _by_key(db, _BY_VARIANT, [each.variant_id for each in changes if each.variant_id is not None]),
    }
    ids = [id for each in changes for id in _movements_of(each)]
    movements = dict(zip(ids, await reads.movement_by_id.for_keys(db, ids), strict=True)) if ids else {}
    return [
        _stock_row(*totals[each.variant_id or each.product_id], [movements[id] for id in _movements_of(each)])
        for each in changes
    ]


def _movements_of(change: Any) -> list[str]:
    if isinstance(change, inventory.Transfer):
        return [change.outgoing_id, change.incoming_id]
    return [] if change.movement_id is None else [change.movement_id]


def _stock_row(totals: Row, levels: Sequence[Row], movements: list[Row]) -> SnapshotRow:
    row = SnapshotRow(**dict(totals.items()), movements=movements)
    locations = inventory.snapshot.locations_of(levels)
    row.owned = {
        reads.levels_by_product: levels,
        reads.locations_by_product: locations,
        reads.movement_by_id: next(iter(movements), None),
    }
    return row


async def _by_key(db: Executor, of: tuple[Read, Read], keys: Sequence[str]) -> dict[str, tuple[Row, Sequence[Row]]]:
    """Totals and levels by the key they belong to."""
    known = sorted(set(keys))
    if not known:
        return {}
    totals, levels = await of[0].for_keys(db, known), await of[1].for_keys(db, known)
    return dict(zip(known, zip(totals, levels, strict=True), strict=True))
