"""Labels that carriers make by the store's contract: buying one for a new shipment, voiding it for a cancelled one.

A label costs money, and carriers know no idempotency key. So a label is ordered once; where the answer is lost, nobody
can ask what came of it, and the shipment is given up.
"""

from __future__ import annotations

from domain.kernel.ids import new_id
from domain.kernel.use_cases.outbound import NEVER_RECEIVED, Call, Failed, Settled, Succeeded
from domain.kernel.use_cases.personal_data import ERASED
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping import reads
from domain.shipping.carriers import measured
from domain.shipping.events import ShipmentCreated
from domain.shipping.model import ShipmentLabel
from domain.shipping.ports import BuyLabel, LabelOrder, ShippingLinks, StoredAccount, VoidLabel
from domain.shipping.service.carrier_accounts import stored_account
from domain.shipping.service.carrier_events import FIRST_AFTER
from domain.shipping.service.changes import PACKAGES, ShipmentChange
from domain.shipping.service.package_numbers import tracking_url
from domain.shipping.service.shipment_plans import ShipmentPlan
from domain.shipping.states import ShipmentSource, ShipmentStatus
from domain.shipping.tariffs import CARRIERS

LABEL_TIMEOUT = 32.0
"""Seconds for a label: an order waits at most ten for a thread, and carriers are asked for an access token and for the
label, with ten seconds for each.
"""
LABELS = Records(ShipmentLabel)
LOST = "The carrier did not respond in time. Check for a label at the carrier before you ship again."


def begin_purchase(
    work: UnitOfWork, plan: ShipmentPlan, account: StoredAccount, change: ShipmentChange
) -> Call[BuyLabel]:
    """What the carrier of a new shipment is asked for."""
    shipment = change.shipment
    order = LabelOrder(
        service=shipment.service,
        ship_from=plan.ship_from,
        ship_to=plan.ship_to,
        packages=measured(plan.packages),
        currency=shipment.currency,
        insured=shipment.insurance_value or 0,
        needs_signature=shipment.signature_required,
        shipped_on=work.now.date(),
        reference=str(plan.order.order.number),
    )
    return Call(f"{shipment.id}:label", BuyLabel(account, order))


async def settle_purchase(work: UnitOfWork, change: ShipmentChange, outcome: Settled) -> bool:
    """Give a pending shipment its label, or cancel it where there is none; whether it has one."""
    if isinstance(outcome, Succeeded):
        await _label(work, change, outcome)
        return True
    shipment = change.shipment
    shipment.failure = LOST if outcome.code == NEVER_RECEIVED else outcome.message
    shipment.status, shipment.cancelled_at = ShipmentStatus.CANCELLED, work.now
    change.track(work, ShipmentStatus.CANCELLED, description=shipment.failure)
    await change.save(work)
    return False


async def _label(work: UnitOfWork, change: ShipmentChange, outcome: Succeeded) -> None:
    shipment, numbers = change.shipment, outcome.data["tracking_numbers"]
    for package, number in zip(change.packages, numbers, strict=True):
        package.tracking_number = number
    await PACKAGES.update_all(work, change.packages)
    shipment.status, shipment.tracking_number = ShipmentStatus.CREATED, numbers[0]
    shipment.tracking_url = tracking_url(CARRIERS[shipment.carrier].tracking_page(shipment.service), numbers[0])
    shipment.next_tracking_at = work.now + FIRST_AFTER
    is_erased = shipment.ship_to["line1"] == ERASED  # the buyer, since the carrier was asked
    if outcome.content and not is_erased:
        shipment.label_url = work.dependency(ShippingLinks).label_of_shipment(shipment.id)
        LABELS.append(
            work,
            LABELS.new(
                store_id=work.store.number,
                id=new_id("lbl"),
                shipment_id=shipment.id,
                content=outcome.content,
                created_at=work.now,
            ),
        )
    change.track(work, ShipmentStatus.CREATED)
    await change.announce(work, ShipmentCreated)


async def begin_void(work: UnitOfWork, change: ShipmentChange) -> Call[VoidLabel] | None:
    """Forget the label of a cancelled shipment; what its carrier is asked, where that has made it."""
    shipment = change.shipment
    if shipment.source != ShipmentSource.CARRIER:
        return None
    await LABELS.delete(work, await LABELS.by_column(work, "shipment_id", shipment.id, "id"))
    account = stored_account(await reads.settings_by_store.for_key(work.reader, work.store.id), shipment.carrier)
    if account is None or shipment.tracking_number is None:
        change.track(work, ShipmentStatus.CANCELLED, description=_not_voided(change, "The store has no account there."))
        return None
    return Call(f"{shipment.id}:void", VoidLabel(account, shipment.tracking_number))


async def settle_void(work: UnitOfWork, change: ShipmentChange, outcome: Settled) -> None:
    """Note in the tracking of a cancelled shipment whether its label is void."""
    text = f"{change.shipment.carrier_name} has voided the label."
    if isinstance(outcome, Failed):
        text = _not_voided(change, outcome.message)
    change.track(work, ShipmentStatus.CANCELLED, description=text)
    await change.save(work)


def _not_voided(change: ShipmentChange, why: str) -> str:
    return f"{change.shipment.carrier_name} has not voided the label. {why}"
