"""Cancelling jobs, and filters of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from domain.jobs.kinds import SCOPE_AREAS, held_scopes, readable_kinds, sees_kind
from domain.jobs.model import JobKind, JobStatus
from domain.kernel.fields import UNSET, Choice, FieldLocation, ListOf, Text, Unset, refuse_reversed
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO
from domain.kernel.principal import SCOPES, Principal


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelJob:
    """Cancel a job. What it has done so far stays. A running job ends within about a second; until then its status is
    `running`."""

    id: Annotated[str, Text(min=1, max=64, description="The id of the job (`job_…`).", place=FieldLocation.PATH)]


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFilter:
    """Conditions on jobs. All of them must match."""

    kind: Annotated[
        tuple[JobKind, ...] | Unset,
        ListOf(
            item=Choice(description="A kind of job.", example="import_products"),
            min=1,
            max=len(JobKind),
            description="Return only these kinds of job. Default: all that the API key may see.",
        ),
    ] = UNSET
    status: Annotated[
        tuple[JobStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status.", example="running"),
            min=1,
            max=len(JobStatus),
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET


def check_job_filters(principal: Principal, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Restrict the filters to the kinds that the caller may see.

    Raises Forbidden (a named kind), MalformedRequest (a time range that ends before it begins).
    """
    refuse_reversed(filters, "created_from", "created_to")
    named, scopes = filters.get("kind"), held_scopes(principal)
    if len(scopes) < len(SCOPES):
        filters = {**filters, "scopes": scopes}
    if named is None:
        kinds = readable_kinds(principal)
        return dict(filters) if len(kinds) == len(JobKind) else {**filters, "kind": kinds}
    for kind in named:
        if not sees_kind(principal, kind):
            area = SCOPE_AREAS[kind]
            raise principal.lacks(f"{area}:read", f"{area}:write", purpose=f", which jobs of kind {kind} require")
    return dict(filters)
