"""What is asked of jobs on both surfaces: use case, REST request, GraphQL input, and the code of a refusal."""

from __future__ import annotations

from urllib.parse import quote

from tests.contract.job_fixtures import CSV
from tests.contract.parity_of_customers import Case
from tests.contract.request_bodies import LINES, MUTATION

IMPORT = "jobs.start_import"

QUERY = "{ products { nodes { id } } }"
BAD_QUERY = "{ shop { id } }"
RANGE = {"after": "e1.5", "until": "e1.4"}

CASES: tuple[Case, ...] = (
    (
        "jobs.cancel_job",
        lambda ids: ("POST", f"/v2/jobs/{ids['job']}/cancel", None),
        lambda ids: {"id": ids["job"]},
        None,
    ),
    (
        IMPORT,
        lambda _: ("POST", "/v2/imports?kind=stock&dry_run=true", CSV),
        lambda ids: {"kind": "STOCK", "mediaType": "text/csv", "dryRun": True, "fileId": ids["upl"]},
        None,
    ),
    (
        "jobs.start_bulk_export",
        lambda _: ("POST", "/v2/exports", {"query": QUERY, "variables": {}}),
        lambda _: {"query": QUERY, "variables": {}},
        None,
    ),
    (
        "jobs.start_bulk_export",
        lambda _: ("POST", "/v2/exports", {"query": BAD_QUERY}),
        lambda _: {"query": BAD_QUERY},
        "INVALID",
    ),
    (
        "jobs.start_event_export",
        lambda _: ("POST", "/v2/exports/events", {"types": ["product.created"]}),
        lambda _: {"types": ["PRODUCT_CREATED"]},
        None,
    ),
    (
        "jobs.start_event_export",
        lambda _: ("POST", "/v2/exports/events", RANGE),
        lambda _: RANGE,
        "INVALID",
    ),
    (
        "jobs.start_bulk_mutation",
        lambda _: ("POST", f"/v2/bulk_mutations?mutation={quote(MUTATION)}", LINES),
        lambda ids: {"mutation": MUTATION, "mediaType": "application/x-ndjson", "fileId": ids["upl"]},
        None,
    ),
    (
        "jobs.start_bulk_mutation",
        lambda _: ("POST", f"/v2/bulk_mutations?mutation={quote(BAD_QUERY)}", LINES),
        lambda ids: {"mutation": BAD_QUERY, "mediaType": "application/x-ndjson", "fileId": ids["upl"]},
        "INVALID",
    ),
)
