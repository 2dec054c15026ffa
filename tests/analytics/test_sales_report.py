"""Sales reports equal a plain recount, on both surfaces, in any time zone, and refuse what makes no sense."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

from domain.kernel.database import Database
from tests.analytics.conftest import Fold
from tests.analytics.plain_recount import Sale, plain_recount
from tests.analytics.trade import Trader
from tests.conftest import Client, MakeKey, Shop

pytestmark = pytest.mark.both_servers

ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns")
DIMENSIONS = ("product", "category", "customer", "region", "country", "channel")
REGIONS = {
    "GB": "europe",
    "DE": "europe",
    "FR": "europe",
    "US": "north_america",
    "JP": "asia",
    "BR": "latin_america",
    "ZA": "africa",
    "AE": "middle_east",
    "AU": "oceania",
    None: "unknown",
}
QUERY = """query ($input: SalesReportInput!) { analytics { sales(input: $input) {
  period { startDate endDate timezone } currency interval asOf totals { ...F } series { start label figures { ...F } }
  groups { key name figures { ...F } }
  groupCount previous { period { startDate endDate timezone } totals { ...F } } } } }
fragment F on SalesFigures { revenue { amount currency minorUnits } orders units avgOrderValue { amount } }"""


async def report(client: Client, **asked: Any) -> Any:
    response = await client("GET", "/v2/analytics/sales", params=asked)
    assert response.status_code == 200, response.text
    return orjson.loads(response.content)


async def graph_report(client: Client, **asked: Any) -> Any:
    body = {"query": QUERY, "variables": {"input": asked}}
    found = orjson.loads((await client("POST", "/graphql", json=body)).content)
    assert "errors" not in found, found
    return found["data"]["analytics"]["sales"]


def figures(sales: Sequence[Sale]) -> dict[str, Any]:
    """As REST writes them."""
    revenue, count = sum(sale.net - sale.refunded for sale in sales), len({sale.order for sale in sales})
    mean = (Decimal(revenue) / count).quantize(Decimal(1), ROUND_HALF_UP) / 100 if count else None
    return {
        "currency": "gbp",
        "revenue": revenue / 100,
        "orders": count,
        "units": sum(sale.quantity for sale in sales),
        "avg_order_value": None if mean is None else float(mean),
    }


def local_day(sale: Sale, zone: str) -> date:
    return sale.at.astimezone(ZoneInfo(zone)).date()


async def memberships(database: Database, store: int) -> dict[str, list[str]]:
    async with database.system_connection() as connection:
        rows = await connection.fetch("SELECT product_id, category_id FROM product_category WHERE store_id = $1", store)
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["product_id"], []).append(row["category_id"])
    return found


async def channels(database: Database, store: int) -> dict[str | None, str]:
    async with database.system_connection() as connection:
        rows = await connection.fetch("SELECT id, acquisition_channel FROM customer WHERE store_id = $1", store)
    return {row["id"]: row["acquisition_channel"] for row in rows}


async def group_keys(database: Database, store: int, dimension: str) -> Any:
    """What a sale counts for, by dimension."""
    of_products, of_customers = await memberships(database, store), await channels(database, store)
    return {
        "product": lambda sale: [sale.product],
        "category": lambda sale: of_products.get(sale.product, [None]),
        "customer": lambda sale: [sale.customer],
        "region": lambda sale: [REGIONS[sale.country]],
        "country": lambda sale: [sale.country],
        "channel": lambda sale: [of_customers.get(sale.customer)],
    }[dimension]


@pytest.mark.parametrize("zone", ZONES)
async def test_totals_and_series_equal_a_recount_in_any_time_zone(
    database: Database, trader: Trader, client: Client, zone: str
) -> None:
    """Clocks change in March, April and October. Fails when steps are days of UTC, when cancelled orders count, and
    when refunds are not taken off."""
    sales = await plain_recount(database, trader.owner.store.number)
    first, last = date(2026, 1, 3), date(2026, 10, 27)
    for paid_only in (False, True):
        given = {"period": "custom", "start_date": str(first), "end_date": str(last), "timezone": zone}
        found = await report(client, **given, interval="day", paid_only=str(paid_only).lower())
        counted = [sale for sale in sales if first <= local_day(sale, zone) <= last and (sale.paid or not paid_only)]
        assert found["totals"] == figures(counted)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        assert [step["label"] for step in found["series"]] == [str(day) for day in days]
        for step, day in zip(found["series"], days, strict=True):
            assert step["figures"] == figures([sale for sale in counted if local_day(sale, zone) == day])
            start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
            assert datetime.fromisoformat(step["start"]) == start
    for interval, form in (("month", "%Y-%m"), ("year", "%Y")):
        found = await report(client, **given, interval=interval)
        for step in found["series"]:
            label = date.fromisoformat(step["label"]).strftime(form)
            own = [
                sale
                for sale in sales
                if first <= local_day(sale, zone) <= last and local_day(sale, zone).strftime(form) == label
            ]
            assert step["figures"] == figures(own)


@pytest.mark.parametrize("dimension", DIMENSIONS)
async def test_groups_equal_a_recount(database: Database, trader: Trader, client: Client, dimension: str) -> None:
    """Fails when orders are counted by line, and when a product without a category is left out."""
    store = trader.owner.store.number
    sales = [sale for sale in await plain_recount(database, store) if local_day(sale, "UTC") <= date(2026, 10, 27)]
    keys = await group_keys(database, store, dimension)
    given = {"period": "custom", "start_date": "2026-01-01", "end_date": "2026-10-27", "group_by": dimension}
    found = await report(client, **given)
    expected: dict[str | None, list[Sale]] = {}
    for sale in sales:
        for key in keys(sale):
            expected.setdefault(key, []).append(sale)
    assert {row["key"]: row["figures"] for row in found["groups"]} == {
        key: figures(own) for key, own in expected.items()
    }
    assert found["group_count"] == len(expected)
    revenues = [row["figures"]["revenue"] for row in found["groups"]]
    assert revenues == sorted(revenues, reverse=True)
    pages = [await report(client, **given, limit=2, page=number) for number in range(1, len(expected) // 2 + 3)]
    assert [row for page in pages for row in page["groups"]] == found["groups"]
    assert {page["group_count"] for page in pages} == {len(expected)}
    assert found["totals"] == figures(sales)


async def test_both_surfaces_say_the_same(trader: Trader, client: Client) -> None:
    """Fails when one of them adds, drops or names something otherwise."""
    given = {"period": "custom", "timezone": "Europe/London", "limit": 3}
    rest = await report(
        client, **given, start_date="2026-02-01", end_date="2026-06-30", group_by="product", compare="previous_period"
    )
    dates = {"startDate": "2026-02-01", "endDate": "2026-06-30", "groupBy": "PRODUCT", "compare": "PREVIOUS_PERIOD"}
    graph = await graph_report(client, **{**given, "period": "CUSTOM"}, **dates)
    assert _as_rest(graph) == rest
    assert rest["previous"]["period"] == {
        "start_date": "2025-09-04",
        "end_date": "2026-01-31",
        "timezone": "Europe/London",
    }
    assert len(rest["series"]) == 23
    assert rest["interval"] == "week"


def _as_rest(value: Any, name: str = "") -> Any:
    """A GraphQL value in the form of REST."""
    if isinstance(value, list):
        return [_as_rest(each) for each in value]
    if not isinstance(value, dict):
        if name in ("start", "asOf") and value is not None:
            return value[:19] + "Z"
        return value.lower() if name == "currency" else value
    if "amount" in value:
        return float(value["amount"])
    named = {"startDate": "start_date", "endDate": "end_date", "asOf": "as_of", "groupCount": "group_count"}
    named["avgOrderValue"] = "avg_order_value"
    written = {named.get(key, key): _as_rest(each, key) for key, each in value.items()}
    return {"currency": "gbp", **written} if "units" in written else written


async def test_only_requested_figures_are_returned(trader: Trader, client: Client) -> None:
    found = await report(client, period="year", metrics="units,orders")
    assert found["totals"]["revenue"] is found["totals"]["avg_order_value"] is None
    assert found["totals"]["units"] is not None
    assert found["interval"] == "month"
    assert (found["groups"], found["group_count"], found["previous"]) == ([], 0, None)


async def test_names_of_customers_need_their_scope(
    trader: Trader, http: httpx.AsyncClient, client: Client, shop: Shop, make_key: MakeKey
) -> None:
    """Fails when the scope is not looked at."""
    given = {"period": "custom", "start_date": "2026-01-01", "end_date": "2026-12-31", "group_by": "customer"}
    other = Client(http, await make_key(shop.test, "analytics:read"))
    full, bare = await report(client, **given), await report(other, **given)
    assert "Jane" in {row["name"] for row in full["groups"]}
    assert {row["name"] for row in bare["groups"]} == {None}
    assert [row["key"] for row in bare["groups"]] == [row["key"] for row in full["groups"]]


async def test_reports_need_their_scope(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    client = Client(http, await make_key(shop.test, "orders:read"))
    assert (await client("GET", "/v2/analytics/sales")).status_code == 403
    body = {"query": QUERY, "variables": {"input": {}}}
    found = (await client("POST", "/graphql", json=body)).json()
    assert found["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_report_says_how_fresh_it_is(database: Database, trader: Trader, client: Client, fold: Fold) -> None:
    """Fails when it is the time of the request, and when a rebuild does not show."""
    async with database.system_connection() as connection:
        latest = await connection.fetchval(
            "SELECT max(created_at) FROM event WHERE store_id = $1", trader.owner.store.number
        )
        found = await report(client)
        assert found["as_of"] == f"{latest:%Y-%m-%dT%H:%M:%SZ}"
        await connection.execute(
            "UPDATE sales_state SET rebuild_after = 0 WHERE store_id = $1", trader.owner.store.number
        )
        assert (await report(client))["as_of"] is None
    await fold()
    assert (await report(client))["as_of"] == found["as_of"]


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({"period": "fortnight"}, "period", "Unknown period fortnight. Must be one of day, week, month"),
        ({"period": "custom"}, "start_date", "requires start_date and end_date"),
        ({"period": "custom", "start_date": "2026-01-01"}, "end_date", "requires start_date and end_date"),
        ({"start_date": "2026-01-01"}, "start_date", "Only the period custom takes dates"),
        ({"period": "year", "end_date": "2026-01-01"}, "end_date", "Only the period custom takes dates"),
        ({"period": "custom", "start_date": "2026-02-01", "end_date": "2026-01-01"}, "start_date", "not be later"),
        ({"period": "custom", "start_date": "2026-02-30", "end_date": "2026-03-01"}, "start_date", "Must be a date"),
        ({"period": "custom", "start_date": "yesterday", "end_date": "2026-03-01"}, "start_date", ""),
        ({"period": "custom", "start_date": "0001-01-01", "end_date": "2026-03-01"}, "start_date", "Must be from"),
        ({"period": "custom", "start_date": "2026-01-01", "end_date": "9999-12-31"}, "end_date", "Must be from"),
        ({"timezone": "Europe/Londn"}, "timezone", "Unknown time zone. Did you mean Europe/London?"),
        ({"timezone": "../../etc/passwd"}, "timezone", "Unknown time zone"),
        ({"timezone": ""}, "timezone", ""),
        ({"interval": "minute"}, "interval", "Unknown interval minute"),
        ({"group_by": "zzzz"}, "group_by", "Must be one of product, category"),
        ({"metrics": "revenue,profit"}, "metrics", "Must be one of revenue, orders, units, avg_order_value"),
        ({"paid_only": "yes"}, "paid_only", "true or false"),
        ({"limit": 201}, "limit", ""),
        ({"page": 0}, "page", ""),
        ({"compare": "last"}, "compare", ""),
        ({"periode": "day"}, "periode", "Did you mean period?"),
        (
            {"period": "custom", "start_date": "2000-01-01", "end_date": "2026-01-01", "interval": "hour"},
            "interval",
            "at most 2,500 steps",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(client: Client, asked: dict[str, Any], field: str, message: str) -> None:
    """Fails where a message does not name the parameter."""
    response = await client("GET", "/v2/analytics/sales", params=asked)
    assert response.status_code == 400, response.text
    detail = response.json()["error"]["details"][0]
    assert detail["field"] == field
    assert message in detail["message"]


async def test_graphql_refuses_the_same(client: Client) -> None:
    for asked, field in (({"timezone": "Mars"}, "timezone"), ({"period": "CUSTOM"}, "startDate")):
        body = {"query": QUERY, "variables": {"input": asked}}
        found = (await client("POST", "/graphql", json=body)).json()
        assert field in orjson.dumps(found["errors"]).decode(), found
