"""Custom reports equal a plain recount for any dimensions, measures and filters, on both surfaces."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

from domain.analytics.commands import DateRange, DateRangeInput, ReportDimension, ReportMeasure
from domain.analytics.ranges import range_of
from domain.kernel.database import Database
from tests.analytics.conftest import Fold
from tests.analytics.plain_recount import Sale, plain_recount
from tests.analytics.test_customer_report import Recount
from tests.analytics.test_sales_report import REGIONS, channels, local_day, memberships
from tests.analytics.trade import Trader
from tests.conftest import Client, MakeKey, Shop

pytestmark = pytest.mark.both_servers

MEASURES = [each.value for each in ReportMeasure]
DIMENSIONS = [each.value for each in ReportDimension]
TIMES = ("hour", "day", "week", "month", "quarter", "year")
NAMED = ("product", "product_category", "customer")
FIRST, LAST = date(2026, 1, 15), date(2026, 11, 20)
RANGE = {"from": str(FIRST), "to": str(LAST)}
QUERY = """query ($input: CustomReportInput!) { analytics { custom(input: $input) {
  period { startDate endDate timezone } asOf totals { ...F } rowCount rows {
    product { ...N } productCategory { ...N } customer { ...N } customerSegment region country channel
    hour day week month quarter year revenue { ...M } orderCount units avgOrderValue { ...M } customerCount
    refunds { ...M } returnedUnits cost { ...M } profit { ...M } } } } }
fragment F on CustomFigures { revenue { ...M } orderCount units avgOrderValue { ...M } customerCount refunds { ...M }
  returnedUnits cost { ...M } profit { ...M } }
fragment N on NamedValue { id name }
fragment M on Money { amount }"""


async def report(client: Client, **asked: Any) -> Any:
    response = await client("POST", "/v2/analytics/custom", json=asked)
    assert response.status_code == 201, response.text
    return orjson.loads(response.content)


def major(minor: int | None) -> float | None:
    return None if minor is None else minor / 100


def figures(sales: Sequence[Sale]) -> dict[str, Any]:
    """All measures as REST writes them."""
    revenue, count = sum(sale.net - sale.refunded for sale in sales), len({sale.order for sale in sales})
    mean = int((Decimal(revenue) / count).quantize(Decimal(1), ROUND_HALF_UP)) if count else None
    costed = [sale for sale in sales if sale.cost is not None]
    cost = sum(sale.cost or 0 for sale in costed) if costed else None
    profit = sum(sale.net - sale.refunded for sale in costed) - (cost or 0) if costed else None
    return {
        "currency": "gbp",
        "revenue": major(revenue),
        "order_count": count,
        "units": sum(sale.quantity for sale in sales),
        "avg_order_value": major(mean),
        "customer_count": len({sale.customer for sale in sales} - {None}),
        "refunds": major(sum(sale.refunded for sale in sales)),
        "returned_units": sum(sale.returned for sale in sales),
        "cost": major(cost),
        "profit": major(profit),
    }


def label(sale: Sale, unit: str, zone: str) -> str:
    """The step of a sale: local, in the first one the first day of the range."""
    local = sale.at.astimezone(ZoneInfo(zone))
    day = local.date()
    if unit == "hour":
        return f"{local:%Y-%m-%dT%H:00}"
    start = {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": date(day.year, 1, 1),
    }[unit]
    return max(start, FIRST).isoformat()


class Values:
    """The values of a store's sales by dimension. ``counted``: those of the range, whatever else is filtered."""

    def __init__(self, counted: Recount, of_products: Any, of_customers: Any, zone: str) -> None:
        self.of: dict[str, Callable[[Sale], list[Any]]] = {
            "product": lambda sale: [sale.product],
            "product_category": lambda sale: of_products.get(sale.product, [None]),
            "customer": lambda sale: [sale.customer],
            "customer_segment": lambda sale: [segment(counted, sale.customer)],
            "region": lambda sale: [REGIONS[sale.country]],
            "country": lambda sale: [sale.country],
            "channel": lambda sale: [of_customers.get(sale.customer)],
            **{unit: lambda sale, unit=unit: [label(sale, unit, zone)] for unit in TIMES},
        }

    def groups(self, sales: Sequence[Sale], dimensions: Sequence[str]) -> dict[tuple[Any, ...], list[Sale]]:
        found: dict[tuple[Any, ...], list[Sale]] = {}
        for sale in sales:
            for key in itertools.product(*(self.of[each](sale) for each in dimensions)):
                found.setdefault(key, []).append(sale)
        return found


def segment(counted: Recount, customer: str | None) -> str:
    """The one segment of a customer."""
    names = ("at_risk", "high_value", "returning", "new")
    return "guest" if customer is None else next(name for name in names if customer in getattr(counted, name))


async def values_of(
    database: Database, trader: Trader, zone: str = "UTC", *, paid_only: bool = False
) -> tuple[Recount, Values]:
    store = trader.owner.store.number
    sales = [sale for sale in await plain_recount(database, store) if sale.paid or not paid_only]
    counted = Recount(sales, zone, FIRST, LAST)
    return counted, Values(counted, await memberships(database, store), await channels(database, store), zone)


def shown(row: dict[str, Any], dimensions: Sequence[str]) -> tuple[Any, ...]:
    """The values of a row's dimensions; the others are null."""
    assert all(row[each] is None for each in DIMENSIONS if each not in dimensions)
    return tuple(row[each]["id"] if each in NAMED else row[each] for each in dimensions)


def require_rows(found: Any, groups: dict[tuple[Any, ...], list[Sale]], dimensions: Sequence[str]) -> None:
    assert found["row_count"] == len(groups)
    rows = {shown(row, dimensions): {name: row[name] for name in ("currency", *MEASURES)} for row in found["rows"]}
    assert len(rows) == len(found["rows"])
    assert rows == {key: figures(sales) for key, sales in groups.items()} or len(groups) > 200
    for key, row in rows.items():
        assert row == figures(groups[key]), key


def combinations(trader: Trader) -> list[list[str]]:
    """Each dimension alone, and some of two and three."""
    plain = [each for each in DIMENSIONS if each not in TIMES]
    pairs = [[*trader.chance.sample(plain, 2)] for _ in range(6)]
    triples = [[*trader.chance.sample(plain, 2), trader.chance.choice(TIMES[1:])] for _ in range(4)]
    return [*([each] for each in DIMENSIONS if each != "hour"), *pairs, *triples]


@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns", "Australia/Lord_Howe"])
async def test_any_dimensions_equal_a_recount(database: Database, trader: Trader, client: Client, zone: str) -> None:
    """Fails when orders are counted by line or by the flag of another group, when a category multiplies what is outside
    of it, when steps are those of UTC, and when a segment is that of the row."""
    counted, values = await values_of(database, trader, zone)
    for dimensions in combinations(trader):
        asked = {"dimensions": dimensions, "measures": MEASURES, "filters": {"date_range": RANGE}, "timezone": zone}
        found = await report(client, **asked, limit=200)
        require_rows(found, values.groups(counted.period, dimensions), dimensions)
        assert {name: found["totals"][name] for name in MEASURES} == {
            name: value for name, value in figures(counted.period).items() if name != "currency"
        }


@pytest.mark.parametrize("filtered", [False, True])
async def test_categories_equal_a_recount_without_customers_too(
    database: Database, trader: Trader, client: Client, filtered: bool
) -> None:
    """Lines are then summed by product first, where groups are few. Fails when the orders of a category are added up,
    when a filter by category is left out, and when nothing is null instead of 0."""
    counted, values = await values_of(database, trader)
    measures = [each for each in MEASURES if each != "customer_count"]
    one = next(each for sale in counted.period for each in values.of["product_category"](sale) if each is not None)
    for own in ([], ["customer_segment"], ["region", "channel"], ["country"]):
        for dimensions in ([*own, "product_category"], own):
            filters = {"date_range": RANGE, **({"product_category": one} if filtered else {})}
            asked = {"dimensions": dimensions, "measures": measures, "filters": filters}
            found = await report(client, **asked, limit=200)
            sales = [sale for sale in counted.period if one in values.of["product_category"](sale)]
            groups = values.groups(sales if filtered else counted.period, dimensions)
            if filtered and "product_category" in dimensions:
                groups = {key: own for key, own in groups.items() if key[-1] == one}
            expected = {key: {**figures(own), "customer_count": None} for key, own in groups.items()}
            rows = {shown(row, dimensions): {name: row[name] for name in figures([])} for row in found["rows"]}
            assert rows == (expected if dimensions else {})
            total = figures(sales if filtered else counted.period)
            assert {name: found["totals"][name] for name in total} == {**total, "customer_count": None}
    nothing = {"measures": measures, "filters": {"date_range": RANGE, "product_category": "cat_none"}}
    found = await report(client, dimensions=["product_category"], **nothing)
    assert (found["rows"], found["totals"]["revenue"], found["totals"]["order_count"]) == ([], 0, 0)
    assert found["totals"]["cost"] is None


async def test_any_filters_equal_a_recount(database: Database, trader: Trader, client: Client) -> None:
    """Fails when orders of a filtered category are counted by the flag of their first line, when a filter makes another
    segment of a customer, and when a filter by category shows the other categories of its products."""
    counted, values = await values_of(database, trader)
    names = [each for each in DIMENSIONS if each not in TIMES]
    for _ in range(25):
        chosen = trader.chance.sample(names, trader.chance.randint(1, 2))
        sale = trader.chance.choice(counted.period)
        filters = {name: value for name in chosen if (value := values.of[name](sale)[0]) is not None}
        dimensions = trader.chance.sample(names, trader.chance.randint(0, 2))
        own = [
            sale for sale in counted.period if all(value in values.of[name](sale) for name, value in filters.items())
        ]
        asked = {"dimensions": dimensions, "measures": MEASURES, "filters": {"date_range": RANGE, **filters}}
        found = await report(client, **asked, limit=200)
        groups = values.groups(own, dimensions)
        if "product_category" in filters and "product_category" in dimensions:
            at = dimensions.index("product_category")
            groups = {key: sales for key, sales in groups.items() if key[at] == filters["product_category"]}
        if dimensions:
            require_rows(found, groups, dimensions)
        assert {"currency": "gbp", **{name: found["totals"][name] for name in MEASURES}} == figures(own), filters


async def test_unpaid_orders_do_not_exist_with_paid_only(database: Database, trader: Trader, client: Client) -> None:
    """Fails when they make a customer returning."""
    counted, values = await values_of(database, trader, paid_only=True)
    dimensions = ["customer_segment", "product_category"]
    filters = {"date_range": RANGE, "paid_only": True}
    found = await report(client, dimensions=dimensions, measures=MEASURES, filters=filters)
    require_rows(found, values.groups(counted.period, dimensions), dimensions)


async def test_hours_are_those_of_the_zone(database: Database, trader: Trader, client: Client) -> None:
    zone = "Asia/Kolkata"
    sales = await plain_recount(database, trader.owner.store.number)
    day = local_day(trader.chance.choice(sales), zone)
    own = [sale for sale in sales if local_day(sale, zone) == day]
    filters = {"date_range": {"from": str(day), "to": str(day)}}
    found = await report(client, dimensions=["hour"], measures=MEASURES, filters=filters, timezone=zone)
    hours = sorted({label(sale, "hour", zone) for sale in own})
    assert [row["hour"] for row in found["rows"]] == hours
    for row in found["rows"]:
        theirs = [sale for sale in own if label(sale, "hour", zone) == row["hour"]]
        assert {name: row[name] for name in ("currency", *MEASURES)} == figures(theirs)


async def test_rows_are_sorted_and_paged(trader: Trader, client: Client) -> None:
    """Fails when a page has another order than the whole, and when null comes first."""
    for dimensions in (["product", "country"], ["customer"], ["day"], ["channel", "region", "month"]):
        for field in [*dimensions, *MEASURES, None]:
            order = trader.chance.choice(("asc", "desc"))
            asked: dict[str, Any] = {
                "dimensions": dimensions,
                "measures": MEASURES,
                "filters": {"date_range": RANGE},
                **({} if field is None else {"sort": {"field": field, "order": order}}),
            }
            whole = await report(client, **asked, limit=200)
            by = field or next((each for each in dimensions if each in TIMES), "revenue")
            values = [row[by] for row in whole["rows"]]
            if by in NAMED:
                values = [each["id"] if by == "customer" else (each["name"], each["id"]) for each in values]
            known = [each for each in values if each is not None and each != (None, None)]
            assert values[len(known) :] == [None] * (len(values) - len(known))
            is_descending = order == "desc" if field else by == "revenue"
            assert known == sorted(known, reverse=is_descending)
            size = max(1, whole["row_count"] // 3)
            pages = [(await report(client, **asked, limit=size, page=page)) for page in range(1, 6)]
            assert [row for page in pages for row in page["rows"]] == whole["rows"][: 5 * size]
            assert {page["row_count"] for page in pages} == {whole["row_count"]}


async def test_the_example_of_the_platform_document_works(trader: Trader, client: Client) -> None:
    found = await report(
        client,
        dimensions=["product_category", "customer_segment"],
        measures=["revenue", "order_count", "avg_order_value"],
        filters={"date_range": "last_30_days", "region": "north_america"},
        sort={"field": "revenue", "order": "desc"},
    )
    today = datetime.now(UTC).date()
    assert date.fromisoformat(found["period"]["end_date"]) in (today, today - timedelta(days=1))
    assert found["totals"]["units"] is None
    for row in found["rows"]:
        assert row["product_category"]["name"] in ("Even", "Low", "New", None)
        assert row["customer_segment"] in ("new", "returning", "high_value", "at_risk", "guest")
        assert row["order_count"] > 0


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", "2026-05-20", "2026-05-20"),
        ("yesterday", "2026-05-19", "2026-05-19"),
        ("last_7_days", "2026-05-14", "2026-05-20"),
        ("last_30_days", "2026-04-21", "2026-05-20"),
        ("last_90_days", "2026-02-20", "2026-05-20"),
        ("this_month", "2026-05-01", "2026-05-20"),
        ("last_month", "2026-04-01", "2026-04-30"),
        ("this_quarter", "2026-04-01", "2026-05-20"),
        ("this_year", "2026-01-01", "2026-05-20"),
    ],
)
def test_presets_are_days_of_the_zone(preset: str, first: str, last: str) -> None:
    """At 20:30 UTC it is the next day in Kolkata."""
    now = datetime(2026, 5, 19, 20, 30, tzinfo=UTC)
    found = range_of(DateRangeInput(preset=DateRange(preset)), ZoneInfo("Asia/Kolkata"), now)
    assert (str(found.first), str(found.last)) == (first, last)


async def test_both_surfaces_answer_alike(trader: Trader, client: Client) -> None:
    """Fails where a member is missing on a surface."""
    dimensions = ["product_category", "customer_segment", "month"]
    asked = {
        "dimensions": dimensions,
        "measures": MEASURES,
        "filters": {"date_range": RANGE},
        "sort": {"field": "units", "order": "asc"},
    }
    rest = await report(client, **asked)
    given = {
        **asked,
        "dimensions": [each.upper() for each in dimensions],
        "measures": [each.upper() for each in MEASURES],
        "sort": {"field": "UNITS", "order": "ASC"},
        "filters": {"dateRange": RANGE},
    }
    body = {"query": QUERY, "variables": {"input": given}}
    found = orjson.loads((await client("POST", "/graphql", json=body)).content)
    assert "errors" not in found, found
    graph = found["data"]["analytics"]["custom"]
    assert graph["rowCount"] == rest["row_count"] > 0
    for one, other in zip([graph["totals"], *graph["rows"]], [rest["totals"], *rest["rows"]], strict=True):
        assert plain(one) == {name: value for name, value in other.items() if name != "currency"}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row of GraphQL as REST writes it."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
        if isinstance(value, dict) and value.keys() == {"amount"}:
            found[name] = float(value["amount"])
        elif name in ("customer_segment", "region") and value is not None:
            found[name] = value.lower()
        else:
            found[name] = int(value) if name in ("units", "returned_units") else value
    return found


async def test_names_of_customers_need_their_scope(
    trader: Trader, client: Client, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey
) -> None:
    asked = {"dimensions": ["customer"], "measures": ["revenue"], "filters": {"date_range": RANGE}}
    full = await report(client, **asked)
    assert "Jane" in {row["customer"]["name"] for row in full["rows"]}
    bare = await report(Client(http, await make_key(shop.test, "analytics:read")), **asked)
    assert {row["customer"]["name"] for row in bare["rows"]} == {None}
    assert [row["customer"]["id"] for row in bare["rows"]] == [row["customer"]["id"] for row in full["rows"]]


async def test_a_report_of_nothing_has_totals(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, fold: Fold
) -> None:
    client = Client(http, await make_key(shop.test, "analytics:read"))
    found = await report(client, measures=MEASURES, filters={"product": "prod_none", "customer": "cus_none"})
    assert found["totals"] == figures([])
    assert (found["rows"], found["row_count"]) == ([], 0)
    today = datetime.now(UTC).date()
    assert found["period"]["start_date"][8:] == "01"
    assert date.fromisoformat(found["period"]["end_date"]) - today in (timedelta(0), timedelta(days=-1))


def asked(**changes: Any) -> dict[str, Any]:
    return {"dimensions": ["product"], "measures": ["revenue"], **changes}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (asked(measures=["zeal"]), "measures.0", "Unknown measure zeal. Must be one of revenue, order_count, units"),
        (asked(measures=["revenu"]), "measures.0", "Did you mean revenue? Must be one of revenue, order_count"),
        (
            asked(dimensions=["zzzz"]),
            "dimensions.0",
            "Must be one of product, product_category",
        ),
        (asked(dimensions=["product; DROP TABLE sale_line"]), "dimensions.0", "Unknown dimension"),
        (asked(measures=[]), "measures", "at least 1"),
        ({"dimensions": ["product"]}, "measures", "required"),
        (asked(dimensions=["product", "country", "channel", "region"]), "dimensions", "at most 3"),
        (asked(dimensions=["day", "month"]), "dimensions", "Only one dimension of time, not day and month"),
        (asked(sort={"field": "units"}), "sort.field", "Must be one of its dimensions and measures: product, revenue"),
        (asked(sort={"field": "colour"}), "sort.field", "Unknown field colour"),
        (asked(sort={"field": "revenue", "order": "up"}), "sort.order", "Must be one of asc, desc"),
        (asked(timezone="Europe/Londn"), "timezone", "Did you mean Europe/London?"),
        (asked(filters={"date_range": "last_week"}), "filters.date_range.preset", "Unknown preset last_week"),
        (
            asked(filters={"date_range": {"from": "2026-02-01", "to": "2026-01-01"}}),
            "filters.date_range.from",
            "Must not be later than to.",
        ),
        (asked(filters={"date_range": {"from": "2026-02-01"}}), "filters.date_range.to", "requires from and to"),
        (
            asked(filters={"date_range": {"preset": "today", "to": "2026-02-01"}}),
            "filters.date_range.to",
            "either a preset or dates",
        ),
        (
            asked(filters={"date_range": {"from": "2026-02-30", "to": "2026-03-01"}}),
            "filters.date_range.from",
            "Must be a date",
        ),
        (
            asked(dimensions=["hour"], filters={"date_range": {"from": "2000-01-01", "to": "2026-03-01"}}),
            "dimensions",
            "at most 2,500 steps",
        ),
        (asked(filters={"region": "zzz"}), "filters.region", "Must be one of north_america"),
        (asked(filters={"country": "GBR"}), "filters.country", "such as GB for GBR"),
        (asked(filters={"color": "red"}), "filters.color", "Unknown field"),
        (asked(limit=0), "limit", ""),
        (asked(limit=201), "limit", ""),
        (asked(group_by="product"), "group_by", "Unknown field"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, body: dict[str, Any], field: str, message: str
) -> None:
    """Fails where a message does not name the member or what it may be."""
    client = Client(http, await make_key(shop.test, "analytics:read"))
    response = await client("POST", "/v2/analytics/custom", json=body)
    assert response.status_code == 400, response.text
    detail = response.json()["error"]["details"][0]
    assert detail["field"] == field
    assert message in detail["message"]


async def test_graphql_names_what_it_refuses(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    client = Client(http, await make_key(shop.test, "analytics:read"))
    for changes, message in (
        ({"filters": {"dateRange": {"from": "2026-02-01"}}}, "A range of dates requires from and to"),
        ({"dimensions": ["DAY", "MONTH"]}, "Only one dimension of time"),
        ({"measures": ["PROFITS"]}, "PROFIT"),
    ):
        given = {"dimensions": ["PRODUCT"], "measures": ["REVENUE"], **changes}
        found = (await client("POST", "/graphql", json={"query": QUERY, "variables": {"input": given}})).json()
        assert message in orjson.dumps(found["errors"]).decode(), found
