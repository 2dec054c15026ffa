"""What jobs announce."""

from __future__ import annotations

from domain.jobs import reads
from domain.jobs.commands import ImportKind
from domain.jobs.imports.items import RowOutcome
from domain.jobs.kinds import may_see_job
from domain.jobs.model import JobKind, JobStatus
from domain.jobs.retention import delete_old_jobs, delete_old_lines, delete_old_reports, remove_files
from domain.jobs.service.results import erase_results
from domain.kernel.area import Area, EnumDoc, NodeType, own_tables
from domain.kernel.maintenance import in_batches
from domain.kernel.use_cases.personal_data import PersonalData

_ENUMS = (
    EnumDoc(
        ImportKind,
        "The type of the rows of a file to import.",
        {
            ImportKind.PRODUCTS: "Products with their variants. Requires `products:write`.",
            ImportKind.STOCK: "Quantities on hand. Requires `inventory:write`.",
            ImportKind.CUSTOMERS: "Customers. Requires `customers:write`.",
            ImportKind.ORDERS: "Past orders. Requires `orders:write`, `customers:write` and `products:write`: "
            "customers and products that the store does not have are created.",
        },
    ),
    EnumDoc(
        JobKind,
        "The type of a job.",
        {
            JobKind.IMPORT_PRODUCTS: "Imports products with their variants. Requires scopes of products.",
            JobKind.IMPORT_STOCK: "Imports stock levels. Requires scopes of inventory.",
            JobKind.IMPORT_CUSTOMERS: "Imports customers. Requires scopes of customers.",
            JobKind.IMPORT_ORDERS: "Imports past orders. Requires scopes of orders.",
            JobKind.BULK_EXPORT: "Exports what a query selects. Requires the scopes of the query.",
            JobKind.EVENT_EXPORT: "Exports a range of events. Requires the scopes of their types.",
            JobKind.BULK_MUTATION: "Executes a mutation for each line of a file. Requires the scopes of the mutation.",
        },
    ),
    EnumDoc(
        RowOutcome,
        "The outcome of a row of an import.",
        {
            RowOutcome.CREATED: "The object was created.",
            RowOutcome.UPDATED: "The object was changed.",
            RowOutcome.UNCHANGED: "The object exists and was not changed.",
            RowOutcome.REFUSED: "Nothing was written. See the reason.",
        },
        "ImportRowOutcome",
    ),
    EnumDoc(
        JobStatus,
        "The status of a job.",
        {
            JobStatus.QUEUED: "The job is queued behind earlier jobs of the store, or for a free process.",
            JobStatus.RUNNING: "The job is running, or waits for another process after its own has ended.",
            JobStatus.SUCCEEDED: "The job has finished. Rows may have been refused.",
            JobStatus.FAILED: "The job has failed. See the error. What it had written before stays.",
            JobStatus.CANCELLED: "The job was cancelled. What it had written before stays.",
        },
    ),
)

AREA = Area(
    nodes={"job": NodeType((reads.job_by_id,), sees=may_see_job)},
    personal_data=PersonalData(after_redaction=erase_results),
    tables=own_tables("domain.jobs"),
    maintenance={
        "old jobs and reports": in_batches(delete_old_jobs, delete_old_reports, delete_old_lines),
        "old files": remove_files,
    },
    enums=_ENUMS,
)
