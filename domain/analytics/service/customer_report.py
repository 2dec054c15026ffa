"""The customer report: lifetime values, segments, cohorts, geography and channels of acquisition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.analytics.commands.customers import CustomerMetric, CustomerReportInput
from domain.analytics.countries import REGION_BYTES
from domain.analytics.periods import ReportInterval, Span, Step, span_of, steps_of, zone_of
from domain.analytics.service.customer_figures import (
    CustomerReport,
    CustomerValue,
    LifetimeValue,
    PlaceFigures,
    channel_figures,
    cohorts_of,
    country_figures,
    mean,
    region_figures,
    segment_figures,
    share,
)
from domain.analytics.service.report_frame import read_beside, report_span
from domain.analytics.statements import customers as customer_statements
from domain.analytics.statements.segments import AT_RISK_AFTER
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.calculations import CalculationContext, calculation

MAX_COHORTS = 60
"""Months of cohorts: the last of the period."""
OtherParts = tuple[list[PlaceFigures], LifetimeValue | None, list[CustomerValue]]
"""Countries, the lifetime value of all, the best customers."""


@calculation("analytics:read", is_report=True)
async def report_customers(
    reading: CalculationContext, principal: Principal, command: CustomerReportInput
) -> CustomerReport:
    """Report the customers of a period: segments, cohorts, places, channels, and lifetime values over all time.

    Orders count as in the sales report; with ``paid_only`` others do not exist for any figure. Raises MalformedRequest
    (time zone, dates).
    """
    span = span_of(command.period, command.start_date, command.end_date, zone_of(command.timezone), reading.now)
    wanted = frozenset(command.metrics or CustomerMetric)
    months, bounds = _months(span, reading.now), _bounds(span, command, reading.now)
    as_of, (parts, (countries, lifetime, best)) = await read_beside(
        reading,
        lambda db: _parts(db, bounds, months, wanted),
        lambda db: _other_parts(db, bounds, principal, command),
    )
    return CustomerReport(
        period=report_span(span),
        currency=principal.store.currency,
        as_of=as_of,
        lifetime_value=lifetime,
        customers=best,
        lifetime_customer_count=0 if lifetime is None else lifetime.customers,
        countries=countries,
        **_figures(parts, countries, months, principal.store.currency, wanted),
    )


def _figures(
    parts: Mapping[str, Sequence[Row]],
    countries: Sequence[PlaceFigures],
    months: Sequence[Step],
    currency: str,
    wanted: frozenset[CustomerMetric],
) -> dict[str, Any]:
    """The members of a report that follow from the rows of its parts; those that nobody asked for are empty."""
    (whole,), guests = parts["customers"], parts["guest"][0]
    with_channels = CustomerMetric.CHANNELS in wanted
    return {
        "customer_count": whole.customers,
        "new_customers": whole.new_customers,
        "returning_customers": whole.customers - whole.new_customers,
        "segments": segment_figures(parts, currency) if CustomerMetric.SEGMENTS in wanted else [],
        "cohorts": cohorts_of(parts.get("cohort", ()), months, currency),
        "regions": region_figures(parts.get("region", ()), countries, currency),
        "channels": channel_figures(parts.get("channel", ()), guests, currency) if with_channels else [],
    }


def _months(span: Span, now: datetime) -> list[Step]:
    """The months of cohorts: those of the period until now, the last of them if they are many."""
    return steps_of(span, ReportInterval.MONTH, now)[-MAX_COHORTS:]


def _bounds(span: Span, command: CustomerReportInput, now: datetime) -> Mapping[str, Any]:
    """What the statement is given of the period."""
    quiet_since = now - AT_RISK_AFTER
    return {"start": span.start, "end": span.end, "paid_only": command.paid_only, "quiet_since": quiet_since}


async def _parts(
    db: Executor, bounds: Mapping[str, Any], months: Sequence[Step], wanted: frozenset[CustomerMetric]
) -> Mapping[str, Sequence[Row]]:
    """The rows of each part. Months that nobody asked for are not told apart."""
    cohorts = CustomerMetric.COHORTS in wanted
    rows = await customer_statements.PARTS.rows(
        db,
        **bounds,
        regions=REGION_BYTES,
        steps=[step.start for step in months] if cohorts else [bounds["start"]],
        with_segments=CustomerMetric.SEGMENTS in wanted,
        with_cohorts=cohorts,
        with_geography=CustomerMetric.GEOGRAPHY in wanted,
        with_channels=CustomerMetric.CHANNELS in wanted,
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.part, []).append(row)
    return found


async def _other_parts(
    db: Executor, bounds: Mapping[str, Any], principal: Principal, command: CustomerReportInput
) -> OtherParts:
    """The requested ones of those that need not know what each customer ordered in the period."""
    wanted, currency = frozenset(command.metrics or CustomerMetric), principal.store.currency
    countries: Sequence[Row] = ()
    if CustomerMetric.GEOGRAPHY in wanted:
        countries = await customer_statements.COUNTRIES.rows(db, **bounds)
    places = country_figures(countries, currency)
    if CustomerMetric.LIFETIME_VALUE not in wanted:
        return places, None, []
    lifetime = await _lifetime_value(db, command, currency)
    return places, lifetime, await _best_customers(db, principal, command)


async def _lifetime_value(db: Executor, command: CustomerReportInput, currency: str) -> LifetimeValue:
    (row,) = await customer_statements.LIFETIME_VALUE.rows(db, paid_only=command.paid_only)
    return LifetimeValue(
        currency,
        row.customers,
        row.orders,
        row.revenue,
        mean(row.revenue, row.customers),
        share(row.orders, row.customers),
    )


async def _best_customers(db: Executor, principal: Principal, command: CustomerReportInput) -> list[CustomerValue]:
    """A page of customers, the highest revenue first; names for who may see them."""
    rows = await customer_statements.BEST_CUSTOMERS.rows(
        db, paid_only=command.paid_only, limit=command.limit, offset=(command.page - 1) * command.limit
    )
    is_named = principal.has_scope("customers:read")
    return [
        CustomerValue(
            row.id,
            row.name if is_named else None,
            principal.store.currency,
            row.revenue,
            row.orders,
            mean(row.revenue, row.orders),
            row.first_at,
            row.last_at,
        )
        for row in rows
    ]
