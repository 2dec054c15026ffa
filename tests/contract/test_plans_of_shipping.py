"""How the database reads the shipments and returns of a large shop: by index, on the first page as on the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import shipping
from domain.kernel.database import Database
from domain.kernel.listing import Listing
from domain.shipping import ReturnStatus, ShipmentStatus
from domain.shipping.service import changes, return_changes
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, check_filters, explain, explaining

reads = shipping.reads
DAY = {"created_from": datetime(2024, 1, 1, tzinfo=UTC), "created_to": datetime(2024, 1, 2, tzinfo=UTC)}
SHARED: dict[str, Mapping[str, Any]] = {
    "from_late": {"created_from": datetime(2025, 9, 1, tzinfo=UTC)},
    "to_early": {"created_to": datetime(2023, 2, 1, tzinfo=UTC)},
    "a_day": DAY,
    "changed_late": {"updated_from": datetime(2025, 9, 1, tzinfo=UTC)},
    "changed_early": {"updated_to": datetime(2023, 2, 1, tzinfo=UTC)},
    "one_order": {"order_id": f"ord_{1:026}"},
    "unknown_order": {"order_id": "nothing"},
    "one_customer": {"customer_id": f"cust_{1:026}"},
    "customer_of_many": {"customer_id": f"cust_{2:026}"},
}
CASES: dict[Listing, dict[str, Mapping[str, Any]]] = {
    reads.shipments: {
        **SHARED,
        **{str(status): {"status": (status,)} for status in ShipmentStatus},
        "moving": {"status": (ShipmentStatus.IN_TRANSIT, ShipmentStatus.EXCEPTION)},
        "common_carrier": {"carrier": ("ups",)},
        "rare_carrier": {"carrier": ("pedal",)},
        "two_carriers": {"carrier": ("pedal", "dhl")},
        "rare_carrier_of_a_day": {"carrier": ("pedal",), **DAY},
        "one_number": {"tracking_number": "T1"},
        "unknown_number": {"tracking_number": "X"},
        "unknown_warehouse": {"warehouse_id": "nothing"},
    },
    reads.returns: {
        **SHARED,
        **{f"{status}_returns": {"status": (status,)} for status in ReturnStatus},
        "open": {"status": (ReturnStatus.REQUESTED, ReturnStatus.APPROVED)},
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
@pytest.mark.parametrize("statement", [changes.PROGRESS, return_changes.RETURNED, return_changes.HANDED_OVER])
async def test_what_an_order_has_sent_is_summed_by_index(
    database_url: str, big_shop: BigShop, statement: Any, plan: str
) -> None:
    """Asked at each step of a parcel."""
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await explain(connection, statement.compiled, {"order_id": f"ord_{1:026}"})
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= 10, measured
