"""Jobs: work in the background that a caller has started; what they leave: reports of imports, lines of mutations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Base, Document, IdKey, Instant, KeyText, StoreKey, StoreOwned


class JobStatus(StrEnum):
    """The status of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    """What a job does. ``kinds.py`` has the scopes."""

    IMPORT_PRODUCTS = "import_products"
    IMPORT_STOCK = "import_stock"
    IMPORT_CUSTOMERS = "import_customers"
    IMPORT_ORDERS = "import_orders"
    BULK_EXPORT = "bulk_export"
    EVENT_EXPORT = "event_export"
    BULK_MUTATION = "bulk_mutation"


class FileFormat(StrEnum):
    """The format of a file to import."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class Job(StoreOwned):
    """A job. While it runs, one process has its lease; what it has done is committed together with ``resume_point``."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="status"),
        CheckConstraint("(status IN ('queued', 'running')) = (due_at IS NOT NULL)", name="due_at"),
        CheckConstraint("(due_at IS NULL) = (finished_at IS NOT NULL)", name="finished_at"),
        CheckConstraint("(status = 'failed') = (error IS NOT NULL)", name="error"),
        Index("job_created_idx", "store_id", "created_at", "id"),
        Index("job_kind_idx", "store_id", "kind", "created_at", "id"),
        Index("job_status_idx", "store_id", "status", "created_at", "id"),
        Index("job_unfinished_idx", "store_id", "created_at", "id", postgresql_where=text("due_at IS NOT NULL")),
        Index("job_started_idx", "store_id", "started_at", postgresql_where=text("started_at IS NOT NULL")),
        CheckConstraint("(result_file_id IS NULL) = (result_bytes IS NULL)", name="result"),
        Index("job_result_idx", "finished_at", postgresql_where=text("result_file_id IS NOT NULL")),
        Index("job_finished_idx", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )

    kind: Mapped[JobKind] = mapped_column(KEY_TEXT)
    status: Mapped[JobStatus] = mapped_column(KEY_TEXT)
    parameters: Mapped[Document]
    """What it was started with."""
    resume_point: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Where the next process goes on: everything before it is committed. Null: at the beginning."""
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[KeyText]
    file_id: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The id of the uploaded file that it reads. Null: none."""
    dry_run: Mapped[bool]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """What its caller needed; whoever sees it needs them, too. Empty: its kind decides."""
    result_file_id: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The id of the file with its result. Null: it has none, or no longer."""
    result_bytes: Mapped[int | None] = mapped_column(BigInteger)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    """How many had which outcome."""
    error: Mapped[str | None]
    created_by: Mapped[KeyText]
    request_id: Mapped[str | None]
    lease: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The lease of the process that runs it: only its holder may save anything."""
    due_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When it may be leased: of a running job, the end of its lease. Null once it has finished."""
    attempt: Mapped[int]
    """How often it was leased since it last saved anything."""
    cancel_requested_at: Mapped[datetime | None] = mapped_column(INSTANT)
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    started_at: Mapped[datetime | None] = mapped_column(INSTANT)
    finished_at: Mapped[datetime | None] = mapped_column(INSTANT)

    def cancel(self, now: datetime) -> None:
        """Cancel a job that waits; ask for the end of one that runs. Raises Conflict if it has finished."""
        if self.finished_at is not None:
            message = f"The job has finished already: it is {self.status}."
            raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
        if self.cancel_requested_at is not None:
            return
        self.cancel_requested_at = self.updated_at = now
        self.version += 1
        if self.status == JobStatus.QUEUED:
            self.status, self.finished_at, self.due_at = JobStatus.CANCELLED, now, None


class ImportReportPart(Base):
    """The rows of one batch of an import, in its report."""

    __tablename__ = "import_report_part"
    __table_args__ = (ForeignKeyConstraint(["store_id", "job_id"], ["job.store_id", "job.id"], ondelete="CASCADE"),)

    store_id: Mapped[StoreKey]
    job_id: Mapped[IdKey]
    first_line: Mapped[int] = mapped_column(Integer, primary_key=True)
    rows: Mapped[list[Any]] = mapped_column(JSONB)
    """Of each row: its line, the outcome, the id of the object, the column and the reason."""


class BulkMutationLine(Base):
    """The response to one line of a bulk mutation, until all are written to the result."""

    __tablename__ = "bulk_mutation_line"
    __table_args__ = (ForeignKeyConstraint(["store_id", "job_id"], ["job.store_id", "job.id"], ondelete="CASCADE"),)

    store_id: Mapped[StoreKey]
    job_id: Mapped[IdKey]
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    response: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Null: it was about a customer who was erased."""
    people: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The ids of the customers whose data it may show."""
