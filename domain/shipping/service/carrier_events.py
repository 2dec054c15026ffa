"""Shipments that a carrier carries by contract: it is asked what has become of them, more and more rarely."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database, FindStores
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Mode, Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping import reads
from domain.shipping.model import Shipment
from domain.shipping.ports import LIVE_CARRIERS, CarrierEvent, LiveCarriers, StoredAccount
from domain.shipping.service.carrier_accounts import open_account, stored_account
from domain.shipping.service.changes import EVENTS, SHIPMENTS, lock_shipment
from domain.shipping.service.package_events import MergedEvent, merge_package_events
from domain.shipping.service.package_numbers import LabelPlan
from domain.shipping.service.tracking_events import apply_event
from domain.shipping.states import FINAL, ShipmentSource, ShipmentStatus

FIRST_AFTER = timedelta(minutes=30)
LONGEST_INTERVAL = timedelta(hours=12)
GIVEN_UP_AFTER = timedelta(days=60)
"""Of a parcel that has not arrived by then, nobody hears any more."""
BATCH_SIZE = 50
"""Shipments of a lane between two looks at what is due."""
MAX_CONCURRENT_SHIPMENTS = 4
"""Shipments of a lane: half of the threads that the carrier has for questions, so that rates find one."""
RESPONSE_SECONDS = 25.0
"""Longer than the adapter waits for an access token and for the answer. A carrier that hangs is asked about one package
of each shipment: a batch takes at most 13 times this.
"""
_DUE = """
SELECT shipment.store_id, shipment.id FROM shipment JOIN store ON store.number = shipment.store_id
WHERE shipment.next_tracking_at <= $1 AND shipment.carrier = $2 AND store.mode = $3
ORDER BY shipment.next_tracking_at LIMIT $4
"""

log = logging.getLogger("gateway.shipping")


@dataclass(frozen=True, slots=True)
class TrackingRequest:
    """What a carrier is asked about one shipment."""

    account: StoredAccount
    numbers: Sequence[str]
    """The tracking numbers of its packages, each once."""


def first_tracking_at(now: datetime, label_plan: LabelPlan) -> datetime | None:
    """When the carrier of a new shipment is asked first; None if its packages are unknown to it."""
    is_known = label_plan.source == ShipmentSource.CALLER and label_plan.carrier.code in LIVE_CARRIERS
    return now + FIRST_AFTER if is_known else None  # one without a number yet is asked about when it has one


@dataclass(frozen=True, slots=True)
class TrackingLane:
    """Shipments that are followed by themselves, so that a carrier that hangs, or its test environment, delays no
    other.
    """

    carrier: str
    mode: Mode


LANES = tuple(TrackingLane(carrier, mode) for carrier in LIVE_CARRIERS for mode in Mode)


async def follow_shipments(database: Database, find_stores: FindStores, now: datetime) -> bool:
    """Ask all carriers about the shipments that are due ``now`` (UTC), at most a batch of each lane; whether there may
    be more. Raises Unavailable.
    """
    return any(await asyncio.gather(*(follow_lane(database, find_stores, lane, now) for lane in LANES)))


async def follow_lane(database: Database, find_stores: FindStores, lane: TrackingLane, now: datetime) -> bool:
    """As ``follow_shipments``, for one lane.

    Each shipment is asked about after its next time was written, so that no other process asks meanwhile.
    """
    async with database.system_connection() as connection:
        rows = await connection.fetch(_DUE, now, lane.carrier, lane.mode, BATCH_SIZE)
        stores = await find_stores(connection, {row["store_id"] for row in rows}) if rows else {}
    slots = asyncio.Semaphore(MAX_CONCURRENT_SHIPMENTS)

    async def follow(store: int, id: str) -> None:
        async with slots:
            await _follow(database, Principal(stores[store], frozenset(), "system"), id)

    following = (follow(row["store_id"], row["id"]) for row in rows)
    for row, result in zip(rows, await asyncio.gather(*following, return_exceptions=True), strict=True):
        if isinstance(result, Unavailable):
            raise result
        if isinstance(result, BaseException):  # one that cannot be followed must not hold up the others
            log.error("shipment %s cannot be followed", row["id"], exc_info=result)
    return len(rows) == BATCH_SIZE


async def _follow(database: Database, principal: Principal, id: str) -> None:
    """Follow one shipment. Raises Unavailable (the database)."""
    async with database.transaction(principal) as work:
        asked = await _schedule(work, id)
    if asked is None:
        return
    try:
        by_package = await _ask(database, principal, asked)
    except Exception as why:  # whatever it is, the shipment has its next time; its text might name credentials
        reason = str(why) if isinstance(why, Unavailable) else type(why).__name__
        log.warning("%s does not say what has become of shipment %s: %s", asked.account["carrier"], id, reason)
        return
    if any(by_package):
        async with database.transaction(principal) as work:
            await _record(work, id, merge_package_events(by_package))


async def _ask(database: Database, principal: Principal, asked: TrackingRequest) -> list[Sequence[CarrierEvent]]:
    """What the carrier says of each package. Raises Unavailable, TimeoutError."""
    account = open_account(asked.account, database.dependency(Keyring), principal.store)
    live: LiveCarriers = database.dependency(LiveCarriers)
    found: list[Sequence[CarrierEvent]] = []
    for number in asked.numbers:  # one after the other: many packages take no slots from other shipments
        async with asyncio.timeout(RESPONSE_SECONDS):
            found.append(await live.track(account, number))
    return found


async def _schedule(work: UnitOfWork, id: str) -> TrackingRequest | None:
    """Set the next time; what to ask now. None where there is nobody to ask, or nothing."""
    change = await lock_shipment(work, id)
    shipment = change.shipment
    if shipment.next_tracking_at is None or shipment.next_tracking_at > work.now:
        return None
    is_over = shipment.status in FINAL or work.now - shipment.created_at > GIVEN_UP_AFTER
    shipment.next_tracking_at = None if is_over else work.now + _interval(work.now - shipment.updated_at)
    await SHIPMENTS.update(work, shipment)
    if is_over:
        return None
    settings = await reads.settings_by_store.for_key(work.reader, work.store.id)
    account = stored_account(settings, shipment.carrier)
    numbers = list(dict.fromkeys(each.tracking_number for each in change.packages if each.tracking_number))
    return TrackingRequest(account, numbers) if account is not None and numbers else None


def _interval(unchanged_for: timedelta) -> timedelta:
    """A quarter of the time without news, within limits."""
    return min(max(unchanged_for / 4, FIRST_AFTER), LONGEST_INTERVAL)


async def _record(work: UnitOfWork, id: str, events: Sequence[MergedEvent]) -> None:
    """Record the events that are new, in their order, up to the delivery.

    Carriers tell the time of the place without its zone: an event seems to be up to 14 hours early or late. So it is
    compared with what was heard from them, not with when the shipment was created; one in the future is left to a
    later round.
    """
    change = await lock_shipment(work, id)
    stored = await EVENTS.by_column(work, "shipment_id", id, "occurred_at")
    known: set[tuple[datetime, str]] = {(each.occurred_at, each.status) for each in stored}
    known |= {(each.occurred_at, each.description) for each in stored}
    latest = max((each.occurred_at for each in stored if each.status != ShipmentStatus.CREATED), default=None)
    for each in events:
        at, key = each.occurred_at, (each.occurred_at, each.status or each.description or "")
        if key in known or at > work.now or change.shipment.status in FINAL:
            continue
        known.add(key)
        status = _status_after(change.shipment, each)
        change.track(work, status, description=each.description, location=each.location, at=at)
        await apply_event(work, change, status, at, latest or at)
        latest = max(at, latest or at)


def _status_after(shipment: Shipment, event: MergedEvent) -> ShipmentStatus:
    """The status of an event; the present one if it has none, but at least that the shipment is on its way."""
    if event.status is not None:
        return ShipmentStatus(event.status)
    return ShipmentStatus.IN_TRANSIT if shipment.status == ShipmentStatus.CREATED else shipment.status
