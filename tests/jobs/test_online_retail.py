"""Import of the columns of "Online Retail" as they are: a small extract of our own making, and the real file.

``GATEWAY_TEST_RETAIL_FILE`` is the path of the real file, whose totals are compared with those of ``retail_totals``.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from domain.jobs.imports.orders.countries import country_of
from domain.kernel.database import Database
from tests.conftest import Client, Shop
from tests.jobs.conftest import Finished, Running
from tests.jobs.imports import Imports, bare
from tests.jobs.retail_totals import RetailTotals, count

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
EXTRACT = HEADER + (
    "536365,85123A,WHITE HEART HOLDER,6,12-01-2010 08:26,2.55,17850,United Kingdom\n"
    "536365,85123a,WHITE HEART HOLDER,6,12-01-2010 08:26,2.55,17850,United Kingdom\n"
    "536365,71053,,1,12-01-2010 08:27,0,17850,United Kingdom\n"
    "536366,POST,POSTAGE,1,12-01-2010 09:00,18,,France\n"
    "C536379,85123A,WHITE HEART HOLDER,-1,12-01-2010 09:41,2.55,17850,United Kingdom\n"
    "536589,21777,,-10,12-01-2010 16:50,0,,United Kingdom\n"
    "536590,BANK CHARGES,Bank Charges,1,12-02-2010 10:00,15.5,14527.0,Channel Islands\n"
    "A563185,B,Adjust bad debt,1,12-03-2010 14:51,-11062.06,,United Kingdom\n"
    "536592,22041,RECORD FRAME,2,12-03-2010 15:00,2.5x,,EIRE\n"
    "536592,22042,RECORD FRAME,two,13-03-2010 15:00,2.555,,EIRE\n"
    "536593,22041,RECORD FRAME,2,12-03-2010 15:00,2.50,,EIRE\n"
)

_SUMS = """
SELECT to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, o.metadata ->> 'country' AS country,
    o.shipping_address ->> 'country' AS code, upper(i.sku) AS sku, sum(i.quantity)::int AS units,
    sum(i.total)::bigint AS amount, count(*)::int AS lines
FROM sales_order o JOIN order_item i ON i.store_id = o.store_id AND i.order_id = o.id
WHERE o.store_id = $1 AND (o.status = 'cancelled') = $2 GROUP BY 1, 2, 3, 4
"""


@pytest.fixture
def imports(rest: Client, running: Running, finished: Finished) -> Imports:
    return Imports(rest, running, finished)


async def test_an_extract_is_imported_and_each_row_that_is_no_sale_is_refused(imports: Imports) -> None:
    """Taken out: the sign of cancellations, or of corrections; the fold of SKUs (a second product)."""
    job = await imports.run("orders", EXTRACT)
    assert (job["status"], job["counts"]) == ("succeeded", {"created": 7, "refused": 4}), job["error"]
    rows = await imports.report(job["id"])
    assert bare([row for row in rows if row[1] == "refused"]) == [
        ("7", "refused", "Quantity"),
        ("9", "refused", "UnitPrice"),
        ("10", "refused", "UnitPrice"),
        ("11", "refused", "InvoiceDate"),
        ("11", "refused", "Quantity"),
        ("11", "refused", "UnitPrice"),
    ]
    found = (await imports.rest("GET", "/v2/orders?sort=created_at&order=asc")).json()["data"]
    assert [(each["created_at"], each["status"], each["total"], each["payment_status"]) for each in found] == [
        ("2010-12-01T08:26:00Z", "delivered", 30.6, "paid"),
        ("2010-12-01T09:00:00Z", "delivered", 18.0, "paid"),
        ("2010-12-01T09:41:00Z", "cancelled", 2.55, "pending"),
        ("2010-12-02T10:00:00Z", "delivered", 15.5, "paid"),
        ("2010-12-03T15:00:00Z", "delivered", 5.0, "paid"),
    ]
    assert found[0]["customer_id"] == found[2]["customer_id"]
    assert [each["customer_id"] is None for each in found] == [False, True, False, False, True]
    assert found[3]["shipping_address"] is None
    assert found[3]["metadata"] == {"invoice": "536590", "country": "Channel Islands"}
    skus = [each["sku"] for each in (await imports.rest("GET", "/v2/products?sort=created_at")).json()["data"]]
    assert sorted(skus) == ["22041", "71053", "85123A", "BANK CHARGES", "POST"]
    again = await imports.run("orders", EXTRACT)
    assert again["counts"] == {"unchanged": 7, "refused": 4}


@pytest.fixture
def retail_file(tmp_path: Path) -> Path:
    """The real file, if there is one; else the extract, whose invoices are as dirty."""
    given = os.environ.get("GATEWAY_TEST_RETAIL_FILE")
    path = tmp_path / "extract.csv"
    path.write_text("".join(line for line in EXTRACT.splitlines(keepends=True) if not line.startswith("536592")))
    return Path(given) if given else path


async def test_the_totals_of_a_file_are_those_of_an_independent_count(
    imports: Imports, retail_file: Path, database: Database, shop: Shop
) -> None:
    """By day, country and SKU, sales and cancellations apart; what is not there was refused.

    Taken out: one of the lines of an invoice, or the order of the amounts in ``_past_order``.
    """
    wanted, content = count(retail_file), await asyncio.to_thread(retail_file.read_bytes)
    job = await imports.run("orders", content)
    assert job["status"] == "succeeded", job["error"]
    kept = len(wanted.sales.lines) + len(wanted.cancellations.lines)
    assert job["counts"] == {"created": kept, "refused": len(wanted.no_sales)}
    assert [int(row[0]) for row in await imports.report(job["id"]) if row[1] == "refused"] == wanted.no_sales
    async with database.system_connection() as connection:
        for is_cancelled, totals in ((False, wanted.sales), (True, wanted.cancellations)):
            rows = await connection.fetch(_SUMS, shop.live.store.number, is_cancelled)
            assert sum(row["lines"] for row in rows) == len(totals.lines)
            assert _sums(rows, "day") == totals.by_day
            assert _sums(rows, "sku") == totals.by_sku
            assert _sums(rows, "country") == totals.by_country
            assert _sums(rows, "code") == _by_code(totals)
            assert _sums(rows, "sku", "units") == totals.units


def _sums(rows: list[Any], name: str, value: str = "amount") -> Counter[Any]:
    found: Counter[Any] = Counter()
    for row in rows:
        found[row[name]] += row[value]
    return found


def _by_code(totals: RetailTotals) -> Counter[str | None]:
    found: Counter[str | None] = Counter()
    for name, amount in totals.by_country.items():
        found[country_of(name)] += amount
    return found
