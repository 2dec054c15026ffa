"""The days of reports."""

from __future__ import annotations

import strawberry

from schema.fields import attribute


@strawberry.type(description="The days of a report.")
class ReportSpan:
    """Describes the domain's own ReportSpan."""

    start_date: str = attribute("The first day, as YYYY-MM-DD.")
    end_date: str = attribute("The last day, as YYYY-MM-DD; today for a calendar period to date.")
    timezone: str = attribute("The time zone of the days.")
