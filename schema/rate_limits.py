"""Types of rate limits."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

import strawberry

from schema.fields import attribute, computed


@strawberry.type(description="A window of a rate limit.")
class RateLimitWindow:
    """A WindowUsage."""

    limit: int = attribute("The number of requests per window.")
    remaining: int = attribute("The number of requests that are left in this window.")
    resets_at: datetime = attribute("When the next window begins.")


@strawberry.type(
    description="The requests that are left, with this request counted. GraphQL operations count by their cost."
)
class RateLimit:
    """A RateLimitUsage."""

    hour: RateLimitWindow = computed(attrgetter("hour"), columns=("hour",), description="The present hour (UTC).")
    day: RateLimitWindow = computed(attrgetter("day"), columns=("day",), description="The present day (UTC).")
