"""How the database reads the payments of a large shop: by index, on the first page as on the last, and balances of a
ledger of a million transfers by reading each once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import payments
from domain.kernel.database import Database
from domain.kernel.listing import Listing
from domain.kernel.money import Money
from domain.payments import DisputeStatus, PaymentIntentStatus, PaymentMethod, PaymentState
from tests.contract.big_shop import ORDERS, TRANSFERS_PER_PAYMENT, BigShop
from tests.contract.plans import PLANS, check_filters, explain, explaining

reads = payments.reads
DAY = {"created_from": datetime(2024, 1, 1, tzinfo=UTC), "created_to": datetime(2024, 1, 2, tzinfo=UTC)}
SPANS: dict[str, Mapping[str, Any]] = {
    "from_late": {"created_from": datetime(2025, 9, 1, tzinfo=UTC)},
    "to_early": {"created_to": datetime(2023, 2, 1, tzinfo=UTC)},
    "a_day": DAY,
}
PAYMENT = f"pay_{1:026}"


def money(amount: int) -> Money:
    return Money(amount, "GBP")


CHARGES: dict[str, Mapping[str, Any]] = {
    **SPANS,
    **{str(method): {"payment_method": (method,)} for method in PaymentMethod},
    "two_methods": {"payment_method": (PaymentMethod.PAYPAL, PaymentMethod.WIRE)},
    "rare_method_of_a_day": {"payment_method": (PaymentMethod.WIRE,), **DAY},
    "one_order": {"order_id": f"ord_{1:026}"},
    "unknown_order": {"order_id": "nothing"},
    "one_customer": {"customer_id": f"cust_{1:026}"},
    "customer_of_many": {"customer_id": f"cust_{2:026}"},
    "unknown_customer": {"customer_id": "nobody"},
    "dear": {"amount_from": money(15_790)},
    "not_cheap": {"amount_from": money(1_000)},
    "cheap": {"amount_to": money(810)},
    "narrow_amount": {"amount_from": money(5_000), "amount_to": money(5_010)},
    "impossible_amount": {"amount_from": money(900_000)},
}
CASES: dict[Listing, dict[str, Mapping[str, Any]]] = {
    reads.intents: {
        **CHARGES,
        **{str(status): {"status": (status,)} for status in PaymentIntentStatus},
        "open": {"status": (PaymentIntentStatus.REQUIRES_CAPTURE, PaymentIntentStatus.PROCESSING)},
    },
    reads.payments: {
        **CHARGES,
        **{f"{status}_payments": {"status": (status,)} for status in PaymentState},
        "not_charged": {"status": (PaymentState.FAILED, PaymentState.CANCELLED)},
    },
    reads.disputes: {
        **SPANS,
        **{str(status): {"status": (status,)} for status in DisputeStatus},
        "decided": {"status": (DisputeStatus.WON, DisputeStatus.LOST)},
        "one_order": {"order_id": f"ord_{1:026}"},
        "one_payment": {"payment_id": PAYMENT},
    },
    reads.transfers: {
        **SPANS,
        "one_payment": {"payment_id": PAYMENT},
        "one_payment_on_another_day": {"payment_id": PAYMENT, **DAY},
        "unknown_payment": {"payment_id": "nothing"},
    },
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("listing", "filter"), [(listing, name) for listing, cases in CASES.items() for name in cases])
async def test_every_filter_with_the_default_sort_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, big_shop: BigShop, listing: Listing, filter: str, plan: str
) -> None:
    """Also where fewer are left than a page holds, and the list is walked to its end."""
    async with explaining(database_url, big_shop, plan) as connection:
        await check_filters(database, connection, big_shop, listing, CASES[listing][filter])


@pytest.mark.parametrize("plan", PLANS)
async def test_balances_read_each_transfer_of_the_store_once(database_url: str, big_shop: BigShop, plan: str) -> None:
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await explain(connection, reads.LEDGER_TOTALS.compiled, {})
    assert measured.rows_read <= ORDERS * TRANSFERS_PER_PAYMENT, measured
