"""Customer reports equal a plain recount, on both surfaces, in any time zone, and refuse what makes no sense."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import orjson
import pytest

from domain import orders
from domain.kernel.database import Database
from domain.orders.commands import OrderItemInput
from tests.analytics.conftest import Fold
from tests.analytics.plain_recount import Sale, plain_recount
from tests.analytics.test_sales_report import REGIONS, channels, local_day
from tests.analytics.trade import Trader
from tests.conftest import Client, MakeKey, Shop

pytestmark = pytest.mark.both_servers

FIRST, LAST = date(2026, 2, 10), date(2026, 10, 27)
QUERY = """query ($input: CustomerReportInput!) { analytics { customers(input: $input) {
  period { startDate endDate timezone } currency asOf customerCount newCustomers returningCustomers
  lifetimeValue { customers orders revenue { ...M } average { ...M } ordersPerCustomer }
  customers { customerId name revenue { ...M } orders avgOrderValue { ...M } firstOrderAt lastOrderAt }
  lifetimeCustomerCount segments { segment customers orders revenue { ...M } lifetimeRevenue { ...M } }
  cohorts { label customers orders revenue { ...M } months { label customers retention orders revenue { ...M } } }
  countries { country region customers orders revenue { ...M } } regions { region customers orders revenue { ...M } }
  channels { channel customers newCustomers orders revenue { ...M } } } } }
fragment M on Money { amount }"""


async def report(client: Client, **asked: Any) -> Any:
    response = await client("GET", "/v2/analytics/customers", params=asked)
    assert response.status_code == 200, response.text
    return orjson.loads(response.content)


async def graph_report(client: Client, **asked: Any) -> Any:
    body = {"query": QUERY, "variables": {"input": asked}}
    found = orjson.loads((await client("POST", "/graphql", json=body)).content)
    assert "errors" not in found, found
    return found["data"]["analytics"]["customers"]


def major(minor: int) -> float:
    return minor / 100


def revenue(sales: Sequence[Sale]) -> int:
    return sum(sale.net - sale.refunded for sale in sales)


def figures(sales: Sequence[Sale]) -> dict[str, Any]:
    """As REST writes them of most groups."""
    return {
        "currency": "gbp",
        "customers": len({sale.customer for sale in sales} - {None}),
        "orders": len({sale.order for sale in sales}),
        "revenue": major(revenue(sales)),
    }


class Recount:
    """The customers of a period, counted from plain rows. ``sales``: those that count, of any time."""

    def __init__(self, sales: Sequence[Sale], zone: str, first: date = FIRST, last: date = LAST) -> None:
        self.zone = zone
        self.all = sales
        self.period = [sale for sale in sales if first <= local_day(sale, zone) <= last]
        self.buyers = sorted({sale.customer for sale in self.period if sale.customer is not None})
        self.known = sorted({sale.customer for sale in sales if sale.customer is not None})
        self.first = {each: min(sale.at for sale in sales if sale.customer == each) for each in self.known}
        self.last = {each: max(sale.at for sale in sales if sale.customer == each) for each in self.known}
        starts = [sale.at for sale in sales if local_day(sale, zone) < first]
        self.returning = [each for each in self.buyers if self.first[each] in starts]
        self.new = [each for each in self.buyers if each not in self.returning]
        by_revenue = sorted(self.buyers, key=lambda each: (-revenue(self.of([each])), each))
        self.high_value = by_revenue[: -(-len(by_revenue) // 5)]
        self.at_risk = [each for each in self.known if datetime.now(UTC) - self.last[each] >= timedelta(days=90)]

    def of(self, people: Sequence[str | None]) -> list[Sale]:
        """What they ordered in the period."""
        return [sale for sale in self.period if sale.customer in people]

    def segment(self, name: str) -> dict[str, Any]:
        """As REST writes it."""
        people = [None] if name == "guest" else getattr(self, name)
        lifetime = [sale for sale in self.all if sale.customer in people]
        return {
            "segment": name,
            **figures(self.of(people)),
            "customers": 0 if name == "guest" else len(people),
            "lifetime_revenue": None if name == "guest" else major(revenue(lifetime)),
        }

    def month(self, sale: Sale) -> str:
        """The month of a sale, as the series of the period calls it."""
        return max(local_day(sale, self.zone).replace(day=1), FIRST).isoformat()

    def cohorts(self) -> list[dict[str, Any]]:
        """As REST writes them."""
        months = [FIRST.isoformat(), *(date(2026, month, 1).isoformat() for month in range(3, 11))]
        found = []
        for cohort in months:
            people = [
                each for each in self.new if min(self.of([each]), key=lambda sale: sale.at) in self.in_month(cohort)
            ]
            if people:
                cells = []
                for month in months[months.index(cohort) :]:
                    own = [sale for sale in self.of(people) if self.month(sale) == month]
                    kept = Decimal(len({sale.customer for sale in own})) / len(people)
                    retention = float(kept.quantize(Decimal("0.0001"), ROUND_HALF_UP))
                    cells.append({"label": month, **figures(own), "retention": retention})
                found.append({"label": cohort, **figures(self.of(people)), "months": cells})
        return found

    def in_month(self, label: str) -> list[Sale]:
        return [sale for sale in self.period if self.month(sale) == label]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
async def test_all_parts_equal_a_recount_in_any_time_zone(
    database: Database, trader: Trader, client: Client, zone: str
) -> None:
    """Fails when first orders are looked for in the period alone, when months are those of UTC, when cancelled orders
    count, and when unpaid ones make a customer returning with ``paid_only``."""
    store = trader.owner.store.number
    of_customers = await channels(database, store)
    for paid_only in (False, True):
        sales = [sale for sale in await plain_recount(database, store) if sale.paid or not paid_only]
        counted = Recount(sales, zone)
        found = await report(
            client,
            period="custom",
            start_date=str(FIRST),
            end_date=str(LAST),
            timezone=zone,
            paid_only=str(paid_only).lower(),
        )
        assert found["customer_count"] == len(counted.buyers)
        assert found["new_customers"] == len(counted.new)
        assert found["returning_customers"] == len(counted.returning)
        assert [row["segment"] for row in found["segments"]] == ["new", "returning", "high_value", "at_risk", "guest"]
        for row in found["segments"]:
            assert row == counted.segment(row["segment"])
        assert found["cohorts"] == counted.cohorts()
        for name, place_of in (("country", lambda sale: sale.country), ("region", lambda sale: REGIONS[sale.country])):
            rows = found["countries" if name == "country" else "regions"]
            assert len(rows) == len({place_of(sale) for sale in counted.period})
            for row in rows:
                own = [sale for sale in counted.period if place_of(sale) == row[name]]
                assert {key: row[key] for key in figures(own)} == figures(own)
        assert len(found["channels"]) == len({of_customers.get(sale.customer) for sale in counted.period})
        for row in found["channels"]:
            own = [sale for sale in counted.period if of_customers.get(sale.customer) == row["channel"]]
            new = len({sale.customer for sale in own} & set(counted.new))
            assert row == {"channel": row["channel"], **figures(own), "new_customers": new}
        for rows in (found["countries"], found["regions"], found["channels"]):
            assert [row["revenue"] for row in rows] == sorted((row["revenue"] for row in rows), reverse=True)


async def test_of_customers_level_with_the_last_of_high_value_the_ids_decide(
    database: Database, shop: Shop, client: Client, fold: Fold
) -> None:
    """Fails when all that are level count, or those of other ids."""
    trader = Trader(database, shop.test, 1)
    await trader.open()
    line = OrderItemInput(sku=trader.skus[0], quantity=1)
    for person in trader.people[::-1]:
        await trader.do(orders.create_order, items=(line,), customer_id=person)
    await fold()
    sales = await plain_recount(database, trader.owner.store.number)
    today = datetime.now(UTC).date()
    counted = Recount(sales, "UTC", today - timedelta(days=1), today)
    found = await report(client, period="custom", start_date=str(today - timedelta(days=1)), end_date=str(today))
    assert [row for row in found["segments"] if row["segment"] == "high_value"] == [counted.segment("high_value")]
    assert len({revenue(counted.of([each])) for each in counted.buyers}) == 1
    custom = {"dimensions": ["customer", "customer_segment"], "measures": ["revenue"]}
    body = {**custom, "filters": {"date_range": "today"}}
    rows = orjson.loads((await client("POST", "/v2/analytics/custom", json=body)).content)["rows"]
    segments = {row["customer"]["id"]: row["customer_segment"] for row in rows}
    assert [each for each in segments if segments[each] == "high_value"] == counted.high_value
    assert len(segments) == len(trader.people)


async def test_lifetime_values_are_of_all_time_in_pages(database: Database, trader: Trader, client: Client) -> None:
    """Fails when they are of the period, when the mean counts guests, and when a page has the order of another."""
    sales = await plain_recount(database, trader.owner.store.number)
    counted = Recount(sales, "UTC")
    found = await report(client, metrics="lifetime_value", period="day")
    own = [sale for sale in sales if sale.customer is not None]
    count = len(counted.known)
    value = found["lifetime_value"]
    assert (value["customers"], value["orders"]) == (count, len({sale.order for sale in own}))
    assert value["revenue"] == major(revenue(own))
    assert value["average"] == float((Decimal(revenue(own)) / count).quantize(Decimal(1), ROUND_HALF_UP) / 100)
    assert found["lifetime_customer_count"] == count
    assert [row["customer_id"] for row in found["customers"]] == sorted(
        counted.known,
        key=lambda each: (
            -revenue([sale for sale in own if sale.customer == each]),
            -len({sale.order for sale in own if sale.customer == each}),
            each,
        ),
    )
    for row in found["customers"]:
        theirs = [sale for sale in own if sale.customer == row["customer_id"]]
        assert row["revenue"] == major(revenue(theirs))
        assert row["orders"] == len({sale.order for sale in theirs})
        assert row["first_order_at"] == f"{min(sale.at for sale in theirs):%Y-%m-%dT%H:%M:%SZ}"
        assert row["last_order_at"] == f"{max(sale.at for sale in theirs):%Y-%m-%dT%H:%M:%SZ}"
    pages = [(await report(client, limit=2, page=page))["customers"] for page in range(1, count // 2 + 2)]
    assert [row for page in pages for row in page] == found["customers"]


async def test_parts_that_were_not_requested_are_empty(trader: Trader, client: Client) -> None:
    whole = await report(client, period="year")
    parts = {
        "lifetime_value": ("lifetime_value", "customers", "lifetime_customer_count"),
        "segments": ("segments",),
        "cohorts": ("cohorts",),
        "geography": ("countries", "regions"),
        "channels": ("channels",),
    }
    for metric, members in parts.items():
        found = await report(client, period="year", metrics=metric)
        for name in members:
            assert found[name] == whole[name]
        for name in [each for other, names in parts.items() if other != metric for each in names]:
            assert not found[name]
        assert found["customer_count"] == whole["customer_count"]


async def test_both_surfaces_answer_alike(trader: Trader, client: Client) -> None:
    """Fails where a member is missing on a surface."""
    asked = {"period": "custom", "start_date": str(FIRST), "end_date": str(LAST), "timezone": "Asia/Kolkata"}
    rest = await report(client, **asked)
    graph = await graph_report(
        client, period="CUSTOM", startDate=str(FIRST), endDate=str(LAST), timezone="Asia/Kolkata"
    )

    def as_rest(value: Any, name: str = "") -> Any:
        if isinstance(value, list):
            return [as_rest(each) for each in value]
        if isinstance(value, dict):
            if value.keys() == {"amount"}:
                return float(value["amount"])
            return {
                "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key): as_rest(each, key)
                for key, each in value.items()
            }
        if name in ("segment", "region", "currency"):
            return value.lower()
        if name in ("retention", "ordersPerCustomer") and value is not None:
            return float(value)
        if name.endswith(("At", "Of")) and value is not None:
            return f"{datetime.fromisoformat(value):%Y-%m-%dT%H:%M:%SZ}"
        return value

    def without_currency(value: Any) -> Any:
        if isinstance(value, list):
            return [without_currency(each) for each in value]
        if isinstance(value, dict):
            return {key: without_currency(each) for key, each in value.items() if key != "currency"}
        return value

    assert without_currency(as_rest(graph)) == without_currency(rest)


async def test_names_need_customers_read_and_go_with_the_customer(
    database: Database, trader: Trader, client: Client, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey
) -> None:
    """Fails when a name is in a report after the erasure, and when figures are not."""
    await trader.erase()
    full = await report(client, metrics="lifetime_value")
    erased = {row["customer_id"] for row in full["customers"]} - set(trader.people)
    assert erased
    assert {row["name"] for row in full["customers"] if row["customer_id"] in erased} == {None}
    assert {row["name"] for row in full["customers"] if row["customer_id"] not in erased} <= {"Jane"}
    bare = await report(Client(http, await make_key(shop.test, "analytics:read")), metrics="lifetime_value")
    assert {row["name"] for row in bare["customers"]} == {None}
    assert [row["customer_id"] for row in bare["customers"]] == [row["customer_id"] for row in full["customers"]]


async def test_a_store_without_orders_has_a_report(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    found = await report(Client(http, await make_key(shop.test, "analytics:read")))
    assert found["customer_count"] == 0
    assert found["lifetime_value"]["average"] is None
    assert [row["customers"] for row in found["segments"]] == [0] * 5
    assert (found["cohorts"], found["countries"], found["channels"]) == ([], [], [])


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({"metrics": "segments,profit"}, "metrics", "Must be one of lifetime_value, segments, cohorts"),
        ({"metrics": "segment"}, "metrics", "Did you mean segments? Must be one of lifetime_value"),
        ({"period": "custom"}, "start_date", "requires start_date and end_date"),
        ({"period": "custom", "start_date": "2026-02-01", "end_date": "2026-01-01"}, "start_date", "not be later"),
        ({"timezone": "Europe/Londn"}, "timezone", "Did you mean Europe/London?"),
        ({"limit": 201}, "limit", ""),
        ({"group_by": "country"}, "group_by", "Unknown query parameter"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, asked: dict[str, Any], field: str, message: str
) -> None:
    """Fails where a message does not name the parameter."""
    client = Client(http, await make_key(shop.test, "analytics:read"))
    response = await client("GET", "/v2/analytics/customers", params=asked)
    assert response.status_code == 400, response.text
    detail = response.json()["error"]["details"][0]
    assert detail["field"] == field
    assert message in detail["message"]
