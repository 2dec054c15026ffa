"""What is counted of webhooks, by the process that sends them."""

from __future__ import annotations

import asyncio
import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from domain import webhooks
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
"""Seconds: an attempt has ten, after its body is made, which may take five."""
BACKLOG_SAMPLE_INTERVAL = 10.0
"""Seconds between two looks at the backlog."""
WELL, FAILING = "well", "failing"

log = logging.getLogger("gateway.webhooks")


class DeliveryMetrics:
    """The families of one process, and the Observer of its courier."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Outcomes and reasons stand at 0 from the beginning: a rate needs a first value."""
        attempts = Counter(
            "gateway_webhook_attempts",
            "Attempts to deliver: delivered; retried: to be tried again; failed: for good; refused: the address is not "
            "public; unsent: there was nothing to send; late: somebody else has taken the delivery meanwhile.",
            ("outcome",),
            registry=registry,
        )
        self._attempts = {outcome: attempts.labels(outcome) for outcome in webhooks.AttemptOutcome}
        self._durations = Histogram(
            "gateway_webhook_attempt_duration_seconds",
            "From the making of a body to the end of its answer; unsent ones left out.",
            buckets=BUCKETS,
            registry=registry,
        )
        disabled = Counter(
            "gateway_webhook_endpoints_disabled",
            "Endpoints made inactive: gone: they answered 410; failing: for 5 days running.",
            ("reason",),
            registry=registry,
        )
        self._disabled = {ending: disabled.labels(ending) for ending in webhooks.DisableReason}
        self._in_hand = Gauge(
            "gateway_webhook_deliveries_in_hand",
            "Deliveries that this process is trying.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._due = Gauge(
            "gateway_webhook_deliveries_due",
            "Deliveries that are due and not leased, in the whole database, at most "
            f"{webhooks.MAX_BACKLOG_COUNT:,} per endpoint, by the health of their endpoint; sampled.",
            ("endpoint",),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._late = Gauge(
            "gateway_webhook_oldest_due_seconds",
            "For how long the oldest of them has been due.",
            ("endpoint",),
            multiprocess_mode="livemax",
            registry=registry,
        )

    def attempted(self, outcome: webhooks.AttemptOutcome, seconds: float) -> None:
        """See Observer."""
        self._attempts[outcome].inc()
        if outcome is not webhooks.AttemptOutcome.UNSENT:
            self._durations.observe(seconds)

    def disabled(self, ending: webhooks.DisableReason) -> None:
        """See Observer."""
        self._disabled[ending].inc()

    def in_flight_changed(self, count: int) -> None:
        """See Observer."""
        self._in_hand.set(count)

    async def sample(self, database: Database) -> None:
        """Look what is due. Raises Unavailable."""
        for endpoint, found in zip((WELL, FAILING), await webhooks.backlog(database), strict=True):
            self._due.labels(endpoint).set(found.due)
            self._late.labels(endpoint).set(found.late)


async def sample_backlog(metrics: DeliveryMetrics, database: Database) -> None:
    """Sample until cancelled; while the database is away what was seen last is shown."""
    while True:
        try:
            await metrics.sample(database)
        except Unavailable:
            pass
        except Exception:  # one failure must not end all sampling
            log.exception("sampling the backlog of webhooks failed")
        await asyncio.sleep(BACKLOG_SAMPLE_INTERVAL)
