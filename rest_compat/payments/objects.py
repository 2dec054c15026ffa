"""Payment intents, payments, refunds, disputes and the ledger, as REST finds and returns them."""

from __future__ import annotations

import orjson

from domain import payments
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.payments.documents import (
    DisputeDocument,
    DisputeFileDocument,
    LedgerBalanceDocument,
    LedgerTransferDocument,
    PaymentDocument,
    PaymentIntentDocument,
    PaymentSettingsDocument,
    RefundDocument,
)
from rest_compat.objects import Ids, OwnedList, PathId, Representation, RestObject, listed
from rest_compat.orders.objects import ORDER

reads = payments.reads

INTENT = RestObject(
    path="/payments/intents/{id}",
    noun="payment intent",
    prefix="pi",
    read=reads.intent_by_id,
    document=PaymentIntentDocument,
)
PAYMENT = RestObject(
    path="/payments/{id}", noun="payment", prefix="pay", read=reads.payment_by_id, document=PaymentDocument
)
REFUND = RestObject(
    path="/payments/{id}/refunds/{refund_id}",
    noun="refund",
    prefix="re",
    read=reads.refund_by_id,
    document=RefundDocument,
    parent=PAYMENT,
    parent_key="payment_id",
)
DISPUTE = RestObject(
    path="/payments/disputes/{id}", noun="dispute", prefix="dp", read=reads.dispute_by_id, document=DisputeDocument
)
DISPUTE_FILE = RestObject(
    path="/payments/disputes/{id}/files/{file_id}",
    noun="file",
    prefix="file",
    read=reads.file_by_id,
    document=DisputeFileDocument,
    parent=DISPUTE,
    parent_key="dispute_id",
)
TRANSFER = RestObject(
    path="/payments/ledger/{id}",
    noun="transfer",
    prefix="led",
    read=reads.transfer_by_id,
    document=LedgerTransferDocument,
)
SETTINGS_OF_PAYMENTS = RestObject(
    path="/settings/payments",
    noun="settings",
    prefix="",
    read=reads.settings_by_store,
    document=PaymentSettingsDocument,
)
REFUNDS = OwnedList(PAYMENT, DocumentRead(RefundDocument, reads.refunds_by_payment))
DISPUTES = OwnedList(PAYMENT, DocumentRead(DisputeDocument, reads.disputes_by_payment))
DISPUTE_FILES = OwnedList(DISPUTE, DocumentRead(DisputeFileDocument, reads.files_by_dispute))
PAYMENT_OR_INTENT = PathId(noun="payment", prefix="pay", otherwise="payment intent id")
"""The path of a refund has a payment, or an intent with one captured payment."""


class IntentToCapture:
    """The payment intent of a path that calls its id ``intent_id``, as the platform document does."""

    scope = INTENT.scope
    response = PaymentIntentDocument

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The intent. Raises NotFound."""
        return await INTENT.fetch(db, principal, {"id": ids["intent_id"]})


class PaymentToRefund:
    """The payment or payment intent of a path; both have the same version."""

    scope = PAYMENT.scope
    response = PaymentDocument

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The payment or the intent. Raises NotFound."""
        found = INTENT if is_id(INTENT.prefix, ids["id"]) else PAYMENT
        return await found.fetch(db, principal, ids)


class LedgerBalances:
    """The balances of all accounts of the ledger."""

    scope = reads.SCOPE
    response = list[LedgerBalanceDocument]

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The balances, summed now. Raises Forbidden."""
        balances = await payments.ledger_balances(db, principal)
        return Representation(
            orjson.dumps({"data": [LedgerBalanceDocument.of_row(each, principal) for each in balances]})
        )


class PaymentsOfOrder:
    """The payments of an order, oldest first."""

    scope = reads.SCOPE
    response = list[PaymentDocument]
    _items = DocumentRead(PaymentDocument, reads.payments_by_order)

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The list. Raises NotFound without such an order."""
        return await _of_order(self._items, db, principal, ids)


class RefundsOfOrder:
    """The refunds of an order, oldest first."""

    scope = reads.SCOPE
    response = list[RefundDocument]
    _items = DocumentRead(RefundDocument, reads.refunds_by_order)

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The list. Raises NotFound without such an order."""
        return await _of_order(self._items, db, principal, ids)


class DisputesOfOrder:
    """The disputes of an order, oldest first."""

    scope = reads.SCOPE
    response = list[DisputeDocument]
    _items = DocumentRead(DisputeDocument, reads.disputes_by_order)

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The list. Raises NotFound without such an order."""
        return await _of_order(self._items, db, principal, ids)


async def _of_order(items: DocumentRead, db: Executor, principal: Principal, ids: Ids) -> Representation:
    order = await ORDER.row(db, principal, ids)
    return listed(await items.list_for_key(db, principal, order.id))
