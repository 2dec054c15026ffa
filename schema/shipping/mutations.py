"""Mutations of shipping and their payloads."""

from __future__ import annotations

from typing import Any

import strawberry

from domain import shipping
from resolvers.types import Id
from schema.mutation_fields import changed_row, created_row, mutation, result_value, touched_row
from schema.payload import Payload
from schema.shipping.carriers import ShippingCarrier, ShippingSettings
from schema.shipping.returns import Return, as_return
from schema.shipping.shipment import Shipment

reads = shipping.reads

_PROGRESS = ("status", "shippedAt", "deliveredAt")


def _shipment(*written: str) -> Any:
    return touched_row(reads.shipment_by_id, key="id", written=written, description="The shipment after the change.")


def _return(*written: str) -> Any:
    return as_return(
        touched_row(reads.return_by_id, key="id", written=written, description="The return after the change.")
    )


@strawberry.type(description="Result of `createShipment`.")
class CreateShipmentPayload(Payload):
    """The created shipment, or the reasons why nothing was changed."""

    shipment: Shipment | None = created_row(reads.shipment_by_id, key="id", description="The created shipment.")


@strawberry.type(description="Result of `cancelShipment`.")
class CancelShipmentPayload(Payload):
    """The cancelled shipment, or the reasons why nothing was changed."""

    shipment: Shipment | None = _shipment("status", "cancelledAt", "labelUrl")


@strawberry.type(description="Result of `advanceShipment`.")
class AdvanceShipmentPayload(Payload):
    """The changed shipment, or the reasons why nothing was changed."""

    shipment: Shipment | None = _shipment(*_PROGRESS)


@strawberry.type(description="Result of `addTrackingEvent`.")
class AddTrackingEventPayload(Payload):
    """The changed shipment, or the reasons why nothing was changed."""

    shipment: Shipment | None = _shipment(*_PROGRESS)


@strawberry.type(description="Result of `createReturn`.")
class CreateReturnPayload(Payload):
    """The requested return, or the reasons why nothing was changed."""

    return_: Return | None = as_return(created_row(reads.return_by_id, key="id", description="The requested return."))


@strawberry.type(description="Result of `approveReturn`.")
class ApproveReturnPayload(Payload):
    """The changed return, or the reasons why nothing was changed."""

    return_: Return | None = _return("status", "carrierName", "serviceName", "trackingUrl", "labelUrl")


@strawberry.type(description="Result of `rejectReturn`.")
class RejectReturnPayload(Payload):
    """The changed return, or the reasons why nothing was changed."""

    return_: Return | None = _return("status", "closedAt")


@strawberry.type(description="Result of `receiveReturn`.")
class ReceiveReturnPayload(Payload):
    """The changed return, or the reasons why nothing was changed."""

    return_: Return | None = _return("status", "receivedAt")


@strawberry.type(description="Result of `closeReturn`.")
class CloseReturnPayload(Payload):
    """The changed return, or the reasons why nothing was changed."""

    return_: Return | None = _return("status", "closedAt")


@strawberry.type(description="Result of `refundReturn`.")
class RefundReturnPayload(Payload):
    """The changed return, or the reasons why nothing was changed."""

    return_: Return | None = _return("refund")


@strawberry.type(description="Result of `createShippingCarrier`.")
class CreateShippingCarrierPayload(Payload):
    """The created carrier, or the reasons why nothing was changed."""

    shipping_carrier: ShippingCarrier | None = created_row(
        reads.carrier_by_id, key="id", description="The created carrier."
    )


@strawberry.type(description="Result of `updateShippingCarrier`.")
class UpdateShippingCarrierPayload(Payload):
    """The changed carrier, or the reasons why nothing was changed."""

    shipping_carrier: ShippingCarrier | None = changed_row(
        reads.carrier_by_id, key="id", description="The carrier after the change."
    )


@strawberry.type(description="Result of `deleteShippingCarrier`.")
class DeleteShippingCarrierPayload(Payload):
    """The id of the deleted carrier, or the reasons why nothing was changed."""

    deleted_id: Id | None = result_value("id", description="The id of the deleted carrier.")


@strawberry.type(description="Result of `updateShippingSettings`.")
class UpdateShippingSettingsPayload(Payload):
    """The changed settings, or the reasons why nothing was changed."""

    shipping_settings: ShippingSettings | None = changed_row(
        reads.settings_by_store, key="id", description="The shipping settings after the change."
    )


@strawberry.type
class ShippingMutation:
    """Use cases of shipping."""

    create_shipment: CreateShipmentPayload = mutation(shipping.create_shipment)
    cancel_shipment: CancelShipmentPayload = mutation(shipping.cancel_shipment)
    advance_shipment: AdvanceShipmentPayload = mutation(shipping.advance_shipment)
    add_tracking_event: AddTrackingEventPayload = mutation(shipping.add_tracking_event)
    create_return: CreateReturnPayload = mutation(shipping.create_return)
    approve_return: ApproveReturnPayload = mutation(shipping.approve_return)
    reject_return: RejectReturnPayload = mutation(shipping.reject_return)
    receive_return: ReceiveReturnPayload = mutation(shipping.receive_return)
    refund_return: RefundReturnPayload = mutation(shipping.refund_return)
    close_return: CloseReturnPayload = mutation(shipping.close_return)
    create_shipping_carrier: CreateShippingCarrierPayload = mutation(shipping.create_shipping_carrier)
    update_shipping_carrier: UpdateShippingCarrierPayload = mutation(shipping.update_shipping_carrier)
    delete_shipping_carrier: DeleteShippingCarrierPayload = mutation(shipping.delete_shipping_carrier)
    update_shipping_settings: UpdateShippingSettingsPayload = mutation(shipping.update_shipping_settings)
