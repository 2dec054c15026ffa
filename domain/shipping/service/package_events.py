"""What carriers say of the packages of a shipment, as events of the shipment: it has arrived when all of them have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.shipping.ports import CarrierEvent
from domain.shipping.states import TrackingStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedEvent:
    """An event of a shipment."""

    occurred_at: datetime
    status: TrackingStatus | None
    """None if it leaves the shipment where it is: one of several packages has arrived."""
    description: str | None
    location: str | None


def merge_package_events(by_package: Sequence[Sequence[CarrierEvent]]) -> list[MergedEvent]:
    """The events of all packages, in their order. The last package that arrives delivers the shipment.

    ``by_package``: of each package, also of those of which the carrier says nothing.
    """
    arrivals = [
        min((each.occurred_at for each in events if each.status == TrackingStatus.DELIVERED), default=None)
        for events in by_package
    ]
    known = [at for at in arrivals if at is not None]
    delivered_at = max(known) if known and len(known) == len(arrivals) else None
    merged = [
        each
        for number, events in enumerate(by_package, start=1)
        for each in _merged(events, delivered_at, f"Package {number} of {len(by_package)} was delivered.")
    ]
    return sorted(merged, key=lambda each: (each.occurred_at, each.status == TrackingStatus.DELIVERED))


def _merged(events: Sequence[CarrierEvent], delivered_at: datetime | None, arrived: str) -> Iterator[MergedEvent]:
    for each in events:
        is_part = each.status == TrackingStatus.DELIVERED and (delivered_at is None or each.occurred_at < delivered_at)
        yield MergedEvent(
            occurred_at=each.occurred_at,
            status=None if is_part else each.status,
            description=arrived if is_part else each.description,
            location=each.location,
        )
