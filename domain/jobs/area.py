"""Scopes, node types and enums of jobs."""

from __future__ import annotations

from domain.jobs import reads
from domain.jobs.commands import ImportKind
from domain.jobs.exports import erase_results
from domain.jobs.imports.items import RowOutcome
from domain.jobs.kinds import may_see_job
from domain.jobs.model import JobKind, JobStatus
from domain.kernel.area import Area, EnumDoc, NodeType
from domain.kernel.use_cases.personal_data import PersonalData

_ENUMS = (
    EnumDoc(
        ImportKind,
        "What a file to import has rows of.",
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
        "What a job does.",
        {
            JobKind.IMPORT_PRODUCTS: "It imports products with their variants. Requires scopes of products.",
            JobKind.IMPORT_STOCK: "It imports stock levels. Requires scopes of inventory.",
            JobKind.IMPORT_CUSTOMERS: "It imports customers. Requires scopes of customers.",
            JobKind.IMPORT_ORDERS: "It imports past orders. Requires scopes of orders.",
            JobKind.BULK_EXPORT: "It exports what a query selects. Requires the scopes of the query.",
            JobKind.EVENT_EXPORT: "It exports a range of events. Requires the scopes of their types.",
            JobKind.BULK_MUTATION: "It executes a mutation many times. Requires the scopes of the mutation.",
        },
    ),
    EnumDoc(
        RowOutcome,
        "The outcome of a row of an import.",
        {
            RowOutcome.CREATED: "The object was created.",
            RowOutcome.UPDATED: "The object was changed.",
            RowOutcome.UNCHANGED: "It is in the store already, and stays as it is.",
            RowOutcome.REFUSED: "Nothing was written; see the reason.",
        },
        "ImportRowOutcome",
    ),
    EnumDoc(
        JobStatus,
        "The status of a job.",
        {
            JobStatus.QUEUED: "It waits for earlier jobs of the store, or for a free process.",
            JobStatus.RUNNING: "It runs, or waits for another process after its own has ended.",
            JobStatus.SUCCEEDED: "It is done. Rows may have been refused.",
            JobStatus.FAILED: "It cannot be done; see the error. What it had done before stays.",
            JobStatus.CANCELLED: "It was cancelled. What it had done before stays.",
        },
    ),
)

AREA = Area(
    nodes={"job": NodeType((reads.job_by_id,), sees=may_see_job)},
    personal_data=PersonalData(after_redaction=erase_results),
    enums=_ENUMS,
)
