"""Endpoints of the ledger."""

from __future__ import annotations

from domain import payments
from domain.payments.commands import LedgerTransferFilter
from domain.payments.documents import LedgerTransferDocument
from rest_compat.actions import ItemAction, PageAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.payments.objects import TRANSFER, LedgerBalances

reads = payments.reads

LEDGER = tagged(
    "Payments",
    Endpoint(
        method="GET",
        path="/payments/ledger",
        name="listLedgerTransfers",
        summary="List the transfers of the ledger",
        description="A page of transfers, newest first by default. Each debits one account and credits another.",
        action=PageAction(
            listing=reads.transfers,
            document=LedgerTransferDocument,
            filters=LedgerTransferFilter,
            check_filters=reads.check_filters,
        ),
    ),
    Endpoint(
        method="GET",
        path="/payments/ledger/balances",
        name="listLedgerBalances",
        summary="List the balances of the ledger",
        description="The balance of each account, summed from its transfers. The balances add up to zero.",
        action=ItemAction(source=LedgerBalances()),
    ),
    Endpoint(
        method="GET",
        path="/payments/ledger/{id}",
        name="getLedgerTransfer",
        summary="Get a transfer of the ledger",
        action=ItemAction(source=TRANSFER),
        ids={"id": TRANSFER.id_in_path()},
    ),
)
