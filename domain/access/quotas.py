"""The rate limits of plans and keys."""

from __future__ import annotations

from collections.abc import Mapping

from domain.kernel.principal import Plan
from domain.kernel.rate_limits import Quota

PLAN_QUOTAS: Mapping[Plan, Quota] = {
    Plan.FREE: Quota(100, 1_000),
    Plan.STARTER: Quota(1_000, 10_000),
    Plan.PROFESSIONAL: Quota(5_000, 100_000),
    Plan.ENTERPRISE: Quota(50_000, 1_000_000),
}
"""The figures of the enterprise plan hold until an account has its own."""
MAX_REQUESTS = 1_000_000_000
"""The largest limit that an account or a key can have."""


def store_quota(plan: Plan, hourly: int | None, daily: int | None) -> Quota:
    """The limits of each store of an account. ``hourly``, ``daily``: those of the account itself, which count on the
    enterprise plan."""
    usual = PLAN_QUOTAS[plan]
    if plan is not Plan.ENTERPRISE:
        return usual
    return Quota(hourly or usual.hour, daily or usual.day)


def key_quota(store: Quota, hourly: int | None, daily: int | None) -> Quota | None:
    """The limits of a key; None if it has none of its own. One that it lacks is that of the store, which narrows
    nothing."""
    if hourly is None and daily is None:
        return None
    return Quota(hourly or store.hour, daily or store.day)
