"""Batches of items: read and validated outside the transaction, written inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.jobs.imports.items import Importer, ImportItem, RowOutcome, problem_place
from domain.kernel.errors import Conflict, NotFound, Problem, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork


class _DryRunError(Exception):
    """Rolls back what a dry run has written."""


@dataclass(frozen=True, slots=True)
class BatchWriter:
    """Reads and writes the items of one import."""

    importer: Importer
    principal: Principal
    is_csv: bool
    is_dry_run: bool

    def next_batch(self, items: Iterator[ImportItem]) -> list[ImportItem]:
        """The next items, validated; empty at the end. Blocks. Raises SourceFileError."""
        batch: list[ImportItem] = []
        count = 0
        for item in items:
            self._validate(item)
            batch.append(item)
            count += len(item.records)
            if count >= self.importer.batch_size:
                break
        return batch

    def _validate(self, item: ImportItem) -> None:
        for record in item.records:
            if record.refusal is not None:
                item.refuse(record.line, record.refusal.column, record.refusal.reason)
        if item.refusals:
            return
        members = self.importer.members(item.records) if self.is_csv else item.records[0].values
        try:
            item.command = self.importer.read(members, self.principal.store.currency)
        except ValidationFailed as failed:
            self._refuse(item, failed.problems)

    async def write(self, work: UnitOfWork, items: Sequence[ImportItem]) -> None:
        """Write what is not in the store: all together, and one by one if one of them is refused."""
        unknown = [item for item in items if item.outcome is None]
        if unknown:
            await self.importer.find_known(work, unknown)
        new = [item for item in unknown if item.outcome is None]
        if not new or await self._try(work, new) == ():
            return
        for item in new:
            self._refuse(item, await self._try(work, [item]))

    async def _try(self, work: UnitOfWork, items: Sequence[ImportItem]) -> Sequence[Problem]:
        """Write items in a savepoint. Returns why they are refused; then none of them is written."""
        try:
            async with work.savepoint():
                await self.importer.write(work, self.principal, items)
                if self.is_dry_run:
                    raise _DryRunError
        except _DryRunError:
            for item in items:
                if item.outcome is RowOutcome.CREATED:
                    item.object_id = None
        except (NotFound, Conflict, ValidationFailed) as refused:
            for item in items:
                item.outcome = item.object_id = None
            return refused.problems
        return ()

    def _refuse(self, item: ImportItem, problems: Sequence[Problem]) -> None:
        for problem in problems:
            line, column = problem_place(item, self.importer, problem, is_csv=self.is_csv)
            item.refuse(line, column, problem.message)
