"""Product reports equal a plain recount, on both surfaces, in any time zone, and refuse what makes no sense."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

from domain import analytics
from domain.analytics import ProductReport, ProductViews
from domain.analytics.commands import ProductMetric, ProductReportInput
from domain.analytics.periods import ReportPeriod
from domain.analytics.service.product_views import ProductViewed
from domain.kernel.database import Database
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases.calculations import CalculationContext
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.analytics.conftest import Fold
from tests.analytics.plain_products import (
    Movement,
    Number,
    by_product,
    figures_of,
    ranked,
    rounded,
    stored_movements,
)
from tests.analytics.plain_recount import Sale, plain_recount
from tests.analytics.trade import EPOCH, Trader
from tests.conftest import Client, MakeKey, Shop

pytestmark = pytest.mark.both_servers

ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns")
QUERY = """query ($input: ProductReportInput!) { analytics { products(input: $input) {
  period { startDate endDate timezone } currency asOf totals { ...F } products { productId name figures { ...F } }
  productCount } } }
fragment F on ProductFigures { revenue { amount } orders units profit { amount } margin returned returnRate views
  conversion meanStock turnover }"""
ALL_YEAR = {"period": "custom", "start_date": "2026-01-01", "end_date": "2026-12-31"}
REPORTS = 60
"""Random inputs over one store."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a store has, as rows."""

    sales: Sequence[Sale]
    views: Sequence[ProductViewed]
    movements: Sequence[Movement]
    categories: Mapping[str, frozenset[str]]
    """The slugs of a product's categories."""
    names: Mapping[str, str]


@pytest.fixture
async def trader(database: Database, shop: Shop, settings: Settings, fold: Fold) -> AsyncGenerator[Trader]:
    """A store that has traded, was visited, and lost some stock."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    stripe = provide_processors(settings, database)
    trader = Trader(database, shop.test, seed)
    await trader.open()
    await trader.act(40)
    trader.steps += [trader.import_past, trader.lose_stock, trader.view] * 20
    await trader.act(90)
    for _ in range(3):  # whatever chance does
        await trader.lose_stock()
        await trader.view()
    await trader.views.flush()
    await fold()
    yield trader
    await stripe.close()


@pytest.fixture
async def client(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """A key of the test store that reads reports."""
    return Client(http, await make_key(shop.test, "analytics:read"))


async def ground_of(trader: Trader) -> Ground:
    store = trader.owner.store.number
    async with trader.database.system_connection() as connection:
        named = await connection.fetch("SELECT id, name FROM product WHERE store_id = $1", store)
        linked = await connection.fetch(
            "SELECT m.product_id, c.slug FROM product_category m JOIN category c "
            "ON c.store_id = m.store_id AND c.id = m.category_id WHERE m.store_id = $1",
            store,
        )
    categories = by_product(linked, lambda row: str(row["product_id"]))
    return Ground(
        await plain_recount(trader.database, store),
        trader.viewed,
        await stored_movements(trader.database, store),
        {id: frozenset(row["slug"] for row in rows) for id, rows in categories.items()},
        {row["id"]: row["name"] for row in named},
    )


def report(database: Database, owner: Principal, command: ProductReportInput, now: datetime) -> Any:
    """The report as of a time."""
    reading = CalculationContext(lambda: database.read_connection(owner.store), database.dependency, now)
    return analytics.report_products(reading, owner, command)


def midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Expected:
    """A report by the recount: exact figures by product, and of all."""

    products: Mapping[str, Mapping[str, Number]]
    totals: Mapping[str, Number]


def expected(ground: Ground, command: ProductReportInput, now: datetime) -> Expected:
    start = midnight(date.fromisoformat(command.start_date or ""), command.timezone)
    end = midnight(date.fromisoformat(command.end_date or "") + timedelta(days=1), command.timezone)
    until = max(start, min(end, now))
    sold = by_product(sale for sale in ground.sales if start <= sale.at < end and (sale.paid or not command.paid_only))
    viewed = by_product((each for each in ground.views if start <= each.at < end), lambda each: str(each.product_id))
    ids = [
        id
        for id in {*sold, *viewed}
        if (command.category is UNSET or command.category in ground.categories.get(id, ()))
        and (command.product_ids is UNSET or id in command.product_ids)
    ]
    moved = by_product(ground.movements)

    def figures(*of: str) -> dict[str, Number]:
        sales = [sale for id in of for sale in sold.get(id, ())]
        views = sum(len(viewed.get(id, ())) for id in of)
        return figures_of(sales, views, [each for id in of for each in moved.get(id, ())], start, until)

    return Expected({id: figures(id) for id in ids}, figures(*ids))


def written(figures: Any) -> dict[str, Any]:
    """Figures of a report, comparable with those of the recount."""
    found = asdict(figures)
    assert found.pop("currency") == "GBP"
    for value in found.values():
        assert value is None or isinstance(value, int) or value.as_tuple().exponent == -4
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in found.items()}


def shown(figures: Mapping[str, Number], metrics: Any = UNSET) -> dict[str, Any]:
    return {name: rounded(value) if not metrics or name in metrics else None for name, value in figures.items()}


def random_input(chance: random.Random, ids: Sequence[str]) -> ProductReportInput:
    first = date(2025, 12, 20) + timedelta(days=chance.randrange(330))
    last = first + timedelta(days=chance.choice((0, 1, 6, 30, 90, 400)))
    return ProductReportInput(
        period=ReportPeriod.CUSTOM,
        start_date=str(first),
        end_date=str(last),
        timezone=chance.choice(ZONES),
        paid_only=chance.random() < 0.3,
        category=chance.choice((UNSET, UNSET, "even", "low", "nowhere")),
        product_ids=tuple(chance.sample(ids, 2)) if chance.random() < 0.3 else UNSET,
        sort=chance.choice(list(ProductMetric)),
        descending=chance.random() < 0.5,
        limit=chance.choice((1, 2, 50)),
        page=chance.choice((1, 1, 2, 7)),
    )


async def test_reports_equal_a_recount(database: Database, trader: Trader) -> None:
    """Whatever is asked, at any time. Fails when refunds, returns, costs of some lines, cancelled orders, days of other
    zones, later movements of stock, or views of products that nobody bought are taken otherwise."""
    ground = await ground_of(trader)
    for _ in range(REPORTS):
        command = random_input(trader.chance, list(ground.names))
        now = EPOCH + timedelta(
            seconds=trader.chance.randrange(400 * 86_400), milliseconds=trader.chance.randrange(1000)
        )
        found: ProductReport = await report(database, trader.owner, command, now)
        wanted = expected(ground, command, now)
        order = ranked(wanted.products, command.sort.value, descending=command.descending)
        page = order[(command.page - 1) * command.limit :][: command.limit]
        assert [each.product_id for each in found.products] == page, command
        for each in found.products:
            assert written(each.figures) == shown(wanted.products[each.product_id]), command
            assert each.name == ground.names[each.product_id]
        assert written(found.totals) == shown(wanted.totals), command
        assert found.product_count == len(order)
        assert (found.period.start_date, found.period.end_date) == (command.start_date, command.end_date)


async def test_only_requested_figures_are_returned(
    database: Database, trader: Trader, statements: list[str], client: Client
) -> None:
    """Stock is not read unless it is asked for, by a figure or by the order. Fails when it always is."""
    ground, chance = await ground_of(trader), trader.chance
    whole = ProductReportInput(period=ReportPeriod.CUSTOM, start_date="2026-01-01", end_date="2026-10-27")
    now = datetime(2026, 12, 1, tzinfo=UTC)
    for _ in range(8):
        metrics = tuple(chance.sample(list(ProductMetric), chance.randint(1, 4)))
        command = replace(whole, metrics=metrics, sort=chance.choice(list(ProductMetric)))
        statements.clear()
        found = await report(database, trader.owner, command, now)
        wanted = expected(ground, command, now)
        names = [metric.value for metric in metrics]
        assert [each.product_id for each in found.products] == ranked(
            wanted.products, command.sort.value, descending=True
        )
        for each in found.products:
            assert written(each.figures) == shown(wanted.products[each.product_id], names)
        assert written(found.totals) == shown(wanted.totals, names)
        needs = {ProductMetric.MEAN_STOCK, ProductMetric.TURNOVER} & {*metrics, command.sort}
        assert any("inventory_movement" in text for text in statements) == bool(needs)


async def test_both_surfaces_say_the_same(trader: Trader, client: Client) -> None:
    """Fails when one of them adds, drops or names something otherwise."""
    ids = list((await ground_of(trader)).names)[:3]
    asked = {"timezone": "Europe/London", "limit": 2, "descending": False}
    dates = {"start_date": "2026-02-01", "end_date": "2026-06-30"}
    given = {**asked, **dates, "period": "custom", "sort": "mean_stock", "descending": "false"}
    response = await client("GET", "/v2/analytics/products", params={**given, "product_ids": ",".join(ids)})
    assert response.status_code == 200, response.text
    rest = orjson.loads(response.content)
    variables = {**asked, "startDate": "2026-02-01", "endDate": "2026-06-30", "productIds": ids}
    variables |= {"period": "CUSTOM", "sort": "MEAN_STOCK"}
    answer = orjson.loads(
        (await client("POST", "/graphql", json={"query": QUERY, "variables": {"input": variables}})).content
    )
    assert "errors" not in answer, answer
    graph = answer["data"]["analytics"]["products"]
    assert _as_rest(graph) == rest
    assert rest["product_count"] >= 1
    assert rest["period"] == {**dates, "timezone": "Europe/London"}
    assert rest["totals"]["mean_stock"] is not None


def _as_rest(value: Any, name: str = "") -> Any:
    """A GraphQL value in the form of REST."""
    if isinstance(value, list):
        return [_as_rest(each) for each in value]
    if isinstance(value, dict):
        if "amount" in value:
            return float(value["amount"])
        snake = {key: "".join(f"_{c.lower()}" if c.isupper() else c for c in key) for key in value}
        found = {snake[key]: _as_rest(each, snake[key]) for key, each in value.items()}
        return {"currency": "gbp", **found} if "return_rate" in found else found
    if name == "as_of" and value is not None:
        return value[:19] + "Z"
    if name == "currency":
        return value.lower()
    return (
        float(value) if name in ("margin", "return_rate", "conversion", "mean_stock", "turnover") and value else value
    )


async def test_a_store_without_anything_reports_nothing(client: Client) -> None:
    """Null on a zero divisor; zero where nothing was."""
    found = orjson.loads((await client("GET", "/v2/analytics/products")).content)
    assert (found["products"], found["product_count"], found["as_of"]) == ([], 0, None)
    zero = dict.fromkeys(("revenue", "orders", "units", "returned", "views", "mean_stock"), 0)
    none = dict.fromkeys(("profit", "margin", "return_rate", "conversion", "turnover"))
    assert found["totals"] == {"currency": "gbp", **zero, **none}
    future = {"period": "custom", "start_date": "2190-01-01", "end_date": "2190-01-02"}
    found = orjson.loads((await client("GET", "/v2/analytics/products", params=future)).content)
    assert found["totals"]["mean_stock"] is None


async def test_ratios_are_exact_decimals_with_four_digits(trader: Trader, client: Client) -> None:
    """As they are sent. Fails when they pass through a float."""
    text = (await client("GET", "/v2/analytics/products", params=ALL_YEAR)).text
    totals = orjson.loads(text)["totals"]
    for name in ("conversion", "return_rate", "mean_stock"):
        assert f'"{name}":{Decimal(str(totals[name])):.4f}' in text


async def test_a_product_counts_views_at_once(database: Database, trader: Trader, client: Client, fold: Fold) -> None:
    """Of today, without the fold."""
    before = orjson.loads((await client("GET", "/v2/analytics/products?period=year")).content)
    id = (await trader.any("product", "true"))["id"]
    views = ProductViews(database)
    for _ in range(5):
        views.count(ProductViewed(trader.owner.store.number, id, database.clock()))
    await views.flush()
    after = orjson.loads((await client("GET", "/v2/analytics/products?period=year")).content)
    assert after["totals"]["views"] == before["totals"]["views"] + 5


async def test_reports_need_their_scope(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    client = Client(http, await make_key(shop.test, "products:read"))
    assert (await client("GET", "/v2/analytics/products")).status_code == 403
    body = {"query": QUERY, "variables": {"input": {}}}
    found = (await client("POST", "/graphql", json=body)).json()
    assert found["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({"period": "fortnight"}, "period", "Unknown period fortnight. Must be one of day, week, month"),
        ({"period": "custom"}, "start_date", "requires start_date and end_date"),
        ({"start_date": "2026-01-01"}, "start_date", "Only the period custom takes dates"),
        ({"period": "custom", "start_date": "2026-02-01", "end_date": "2026-01-01"}, "start_date", "not be later"),
        ({"timezone": "Europe/Londn"}, "timezone", "Unknown time zone. Did you mean Europe/London?"),
        ({"metrics": "revenue,clicks"}, "metrics", "Must be one of revenue, orders, units, profit, margin"),
        ({"sort": "clicks"}, "sort", "Must be one of revenue, orders, units, profit, margin"),
        ({"descending": "maybe"}, "descending", "true or false"),
        ({"product_ids": ",".join(["x"] * 201)}, "product_ids", "at most 200"),
        ({"category": ""}, "category", ""),
        ({"limit": 201}, "limit", ""),
        ({"page": 0}, "page", ""),
        ({"interval": "day"}, "interval", "Unknown query parameter"),
    ],
)
async def test_what_makes_no_sense_is_refused(client: Client, asked: dict[str, Any], field: str, message: str) -> None:
    """Fails where a message does not name the parameter."""
    response = await client("GET", "/v2/analytics/products", params=asked)
    assert response.status_code == 400, response.text
    detail = response.json()["error"]["details"][0]
    assert detail["field"] == field
    assert message in detail["message"]


async def test_graphql_refuses_the_same(client: Client) -> None:
    for asked, field in (({"timezone": "Mars"}, "timezone"), ({"period": "CUSTOM"}, "startDate")):
        body = {"query": QUERY, "variables": {"input": asked}}
        found = (await client("POST", "/graphql", json=body)).json()
        assert field in orjson.dumps(found["errors"]).decode(), found
