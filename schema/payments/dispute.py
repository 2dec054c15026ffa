"""Disputes and their files of evidence."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain import orders, payments
from domain.payments import DisputeStatus, EvidenceType
from schema.fields import attribute, related
from schema.money import Money, money
from schema.orders import Order
from schema.payments.payment import Payment
from schema.payments.values import PaymentError, stored_error
from schema.relay import Connection, Node, Versioned

reads = payments.reads


@strawberry.type(description="A file of evidence. Its content is not returned.")
class DisputeFile(Node, prefix="file"):
    """A row of the reads of files."""

    evidence_type: EvidenceType = attribute("The part of the evidence that it belongs to.")
    name: str = attribute("The name of the file.")
    media_type: str = attribute("The media type.")
    size: int = attribute("The size in bytes.")
    created_at: datetime = attribute("When the object was created.")


@strawberry.type(description="A payment that the buyer's bank has taken back until the case is decided.")
class Dispute(Node, Versioned, prefix="dp"):
    """A row of the reads of disputes."""

    payment: Payment = related(reads.payment_by_id, key="payment_id", description="The payment.")
    order: Order | None = related(
        orders.reads.order_by_id, key="order_id", description="The order that was paid. Null without an order."
    )
    amount: Money = money("amount", description="The disputed amount.")
    fee: Money = money("fee", description="The fee for the dispute.")
    status: DisputeStatus = attribute("The status of the dispute.")
    reason: str = attribute("The reason that the bank gives.")
    respond_by: datetime = attribute("When the response is due.")
    evidence_parts: list[str] = attribute("The parts of the evidence that were given so far.")
    last_error: PaymentError | None = stored_error("Why the last submission failed. Null if none failed.")
    submitted_at: datetime | None = attribute("When the evidence was submitted. Null before.")
    closed_at: datetime | None = attribute("When the case was decided. Null before.")
    files: list[DisputeFile] = related(reads.files_by_dispute, key="id", description="The files of evidence.")


@strawberry.type(description="A page of disputes.")
class DisputeConnection(Connection[Dispute]):
    """A page of disputes."""
