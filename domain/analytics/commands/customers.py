"""The input of customer reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.analytics.commands.sales import END_DATE, MAX_GROUPS, PAID_ONLY, PERIOD, START_DATE, TIMEZONE
from domain.analytics.periods import ReportPeriod
from domain.kernel.fields import UNSET, Choice, Integer, ListOf, Unset


class CustomerMetric(StrEnum):
    """A part of a customer report."""

    LIFETIME_VALUE = "lifetime_value"
    SEGMENTS = "segments"
    COHORTS = "cohorts"
    GEOGRAPHY = "geography"
    CHANNELS = "channels"


class CustomerSegment(StrEnum):
    """A group of customers by how they buy."""

    NEW = "new"
    RETURNING = "returning"
    HIGH_VALUE = "high_value"
    AT_RISK = "at_risk"
    GUEST = "guest"


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerReportInput:
    """The input of a customer report."""

    period: Annotated[ReportPeriod, PERIOD] = ReportPeriod.MONTH
    start_date: Annotated[str | Unset, START_DATE] = UNSET
    end_date: Annotated[str | Unset, END_DATE] = UNSET
    timezone: Annotated[str, TIMEZONE] = "UTC"
    metrics: Annotated[
        tuple[CustomerMetric, ...] | Unset,
        ListOf(
            item=Choice(names_all=True, description="A part.", example="segments"),
            min=1,
            max=5,
            description="The parts to return. Default: all.",
        ),
    ] = UNSET
    paid_only: Annotated[bool, PAID_ONLY] = False
    limit: Annotated[
        int, Integer(min=1, max=MAX_GROUPS, description="The number of customers per page.", example=50)
    ] = 50
    page: Annotated[int, Integer(min=1, max=1_000_000, description="The page of customers, from 1.", example=1)] = 1
