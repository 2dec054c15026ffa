"""Metrics of webhook deliveries, by the process that sends them."""

from __future__ import annotations

import asyncio
import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from domain import webhooks
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
"""Seconds. An attempt has ten, after its body is built, which may take five."""
BACKLOG_SAMPLE_INTERVAL = 10.0
"""Seconds between two samples of the backlog."""
HEALTHY, FAILING = "healthy", "failing"

log = logging.getLogger("gateway.webhooks")


class DeliveryMetrics:
    """The metric families of one process, and the observer of its dispatcher."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._declare_attempts(registry)
        self._declare_backlog(registry)

    def _declare_attempts(self, registry: CollectorRegistry) -> None:
        """Outcomes and reasons start at 0: a rate needs a first value."""
        attempts = Counter(
            "gateway_webhook_attempts",
            "Delivery attempts by outcome: delivered; retried; failed: finally; refused: the address is not public; "
            "skipped: there was nothing to send; lease_lost: another worker has leased the delivery meanwhile.",
            ("outcome",),
            registry=registry,
        )
        self._attempts = {outcome: attempts.labels(outcome) for outcome in webhooks.AttemptOutcome}
        self._durations = Histogram(
            "gateway_webhook_attempt_duration_seconds",
            "Seconds from building the body to the end of the response, without skipped attempts.",
            buckets=BUCKETS,
            registry=registry,
        )
        disabled = Counter(
            "gateway_webhook_endpoints_disabled",
            "Webhooks deactivated by reason: gone: 410 response; failing: failures for 5 days.",
            ("reason",),
            registry=registry,
        )
        self._disabled = {reason: disabled.labels(reason) for reason in webhooks.DisableReason}

    def _declare_backlog(self, registry: CollectorRegistry) -> None:
        self._in_flight = Gauge(
            "gateway_webhook_deliveries_in_flight",
            "Deliveries that this process is attempting.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._due = Gauge(
            "gateway_webhook_deliveries_due",
            "Deliveries that are due and not leased, in the whole database, at most "
            f"{webhooks.MAX_BACKLOG_COUNT:,} per webhook, by health of the webhook (healthy, failing); sampled.",
            ("endpoint",),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._late = Gauge(
            "gateway_webhook_oldest_due_seconds",
            "Seconds since the oldest due delivery became due, by health of the webhook (healthy, failing); sampled.",
            ("endpoint",),
            multiprocess_mode="livemax",
            registry=registry,
        )

    def attempted(self, outcome: webhooks.AttemptOutcome, seconds: float) -> None:
        """See DeliveryObserver."""
        self._attempts[outcome].inc()
        if outcome is not webhooks.AttemptOutcome.SKIPPED:
            self._durations.observe(seconds)

    def disabled(self, reason: webhooks.DisableReason) -> None:
        """See DeliveryObserver."""
        self._disabled[reason].inc()

    def in_flight_changed(self, count: int) -> None:
        """See DeliveryObserver."""
        self._in_flight.set(count)

    async def sample(self, database: Database) -> None:
        """Sample the backlog. Raises Unavailable."""
        for endpoint, backlog in zip((HEALTHY, FAILING), await webhooks.backlog(database), strict=True):
            self._due.labels(endpoint).set(backlog.due)
            self._late.labels(endpoint).set(backlog.late)


async def sample_backlog(metrics: DeliveryMetrics, database: Database) -> None:
    """Sample the backlog until cancelled. While the database is unavailable, the last values stay."""
    while True:
        try:
            await metrics.sample(database)
        except Unavailable:
            pass
        except Exception:  # one failure must not end sampling
            log.exception("sampling the backlog of webhooks failed")
        await asyncio.sleep(BACKLOG_SAMPLE_INTERVAL)
