"""Shipments that a carrier carries by contract: it is asked what has become of them, more and more rarely."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database, FindStores
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping import reads
from domain.shipping.ports import LIVE_CARRIERS, CarrierEvent, LiveCarriers, StoredAccount
from domain.shipping.service.carrier_accounts import open_account, stored_account
from domain.shipping.service.changes import EVENTS, SHIPMENTS, lock_shipment
from domain.shipping.service.package_numbers import Labelling
from domain.shipping.service.tracking_events import apply_event
from domain.shipping.states import FINAL, ShipmentSource, ShipmentStatus

FIRST_AFTER = timedelta(minutes=30)
LONGEST_INTERVAL = timedelta(hours=12)
GIVEN_UP_AFTER = timedelta(days=60)
"""Of a parcel that has not arrived by then, nobody hears any more."""
BATCH_SIZE = 50
_DUE = "SELECT store_id, id FROM shipment WHERE next_tracking_at <= $1 ORDER BY next_tracking_at LIMIT $2"

log = logging.getLogger("gateway.shipping")


def first_tracking_at(now: datetime, labelling: Labelling) -> datetime | None:
    """When the carrier of a new shipment is asked first; None if its packages are unknown to it."""
    is_known = labelling.source == ShipmentSource.CALLER and labelling.carrier.code in LIVE_CARRIERS
    return now + FIRST_AFTER if is_known else None  # one without a number yet is asked about when it has one


async def follow_shipments(database: Database, find_stores: FindStores, now: datetime) -> bool:
    """Ask carriers about the shipments that are due ``now`` (UTC), at most a batch; whether there may be more.

    Each is asked after its next time was written, so that nobody else asks meanwhile. Raises Unavailable.
    """
    async with database.system_connection() as connection:
        rows = await connection.fetch(_DUE, now, BATCH_SIZE)
        stores = await find_stores(connection, {row["store_id"] for row in rows}) if rows else {}
    for row in rows:
        await _follow(database, Principal(stores[row["store_id"]], frozenset(), "system"), row["id"])
    return len(rows) == BATCH_SIZE


async def _follow(database: Database, principal: Principal, id: str) -> None:
    async with database.transaction(principal) as work:
        asked = await _schedule(work, id)
    if asked is None:
        return
    account, number = asked
    try:
        opened = open_account(account, database.dependency(Keyring), principal.store)
        events = await database.dependency(LiveCarriers).track(opened, number)
    except Unavailable as why:
        log.warning("%s does not say what has become of shipment %s: %s", account["carrier"], id, why)
        return
    if events:
        async with database.transaction(principal) as work:
            await _record(work, id, events)


async def _schedule(work: UnitOfWork, id: str) -> tuple[StoredAccount, str] | None:
    """Set the next time; whom to ask now, for which number. None where there is nobody, or nothing to ask."""
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
    number = shipment.tracking_number
    return None if account is None or number is None else (account, number)


def _interval(unchanged_for: timedelta) -> timedelta:
    """A quarter of the time without news, within limits."""
    return min(max(unchanged_for / 4, FIRST_AFTER), LONGEST_INTERVAL)


async def _record(work: UnitOfWork, id: str, events: Sequence[CarrierEvent]) -> None:
    """Record the events that are new, in their order, up to the delivery.

    Carriers tell the time of the place without its zone: an event seems to be up to 14 hours early or late. So it is
    compared with what was heard from them, not with when the shipment was created; one in the future is left to a
    later round.
    """
    change = await lock_shipment(work, id)
    stored = await EVENTS.by_column(work, "shipment_id", id, "occurred_at")
    known = {(each.occurred_at, each.status) for each in stored}
    latest = max((each.occurred_at for each in stored if each.status != ShipmentStatus.CREATED), default=None)
    for each in sorted(events, key=lambda event: event.occurred_at):
        status, at = ShipmentStatus(each.status), each.occurred_at
        if (at, status) in known or at > work.now or change.shipment.status in FINAL:
            continue
        known.add((at, status))
        change.track(work, status, description=each.description, location=each.location, at=at)
        await apply_event(work, change, status, at, latest or at)
        latest = max(at, latest or at)
