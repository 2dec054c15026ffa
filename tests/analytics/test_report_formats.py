"""Reports as CSV and as charts: by ``Accept``, with the figures of the JSON, and whatever stores call their things."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import httpx
import orjson
import pytest

from domain.kernel.database import Database
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.analytics.conftest import Fold
from tests.analytics.trade import Trader
from tests.conftest import Client, MakeKey, Shop

SALES = "/v2/analytics/sales"
MEDIA_TYPES = ("application/json", "text/csv", "image/svg+xml", "image/png")
SVG = "{http://www.w3.org/2000/svg}"
PNG_MARK = b"\x89PNG\r\n\x1a\n"
NAMES = (
    "<script>alert(1)</script> & 'quoted'",
    '=HYPERLINK("https://evil.example")',
    "datum.v3 + event.x",
    "كتاب \x1f日本語",
)


@pytest.fixture
async def client(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """A key of the test store that reads reports and customers."""
    return Client(http, await make_key(shop.test, "analytics:read", "customers:read"))


@pytest.fixture
async def trader(database: Database, shop: Shop, settings: Settings, fold: Fold) -> AsyncGenerator[Trader]:
    """A store that has sold a little of four products today."""
    stripe = provide_processors(settings, database)
    trader = Trader(database, shop.test, 7)
    await trader.open()
    for _ in range(8):
        await trader.create()
    await fold()
    yield trader
    await stripe.close()


async def asked(client: Client, accept: str, **given: Any) -> httpx.Response:
    return await client("GET", SALES, params=given, headers={"Accept": accept})


async def table(client: Client, **given: Any) -> list[dict[str, str]]:
    """The rows of the CSV."""
    response = await asked(client, "text/csv", **given)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


async def texts(client: Client, **given: Any) -> list[str]:
    """What is written in the SVG."""
    response = await asked(client, "image/svg+xml", **given)
    assert response.status_code == 200, response.text
    tree = ElementTree.fromstring(response.text)  # noqa: S314 - our own
    assert not [each.tag for each in tree.iter() if each.tag in (f"{SVG}script", f"{SVG}foreignObject")]
    return ["".join(each.itertext()) for each in tree.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        *((media, media) for media in MEDIA_TYPES),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("image/*", "image/svg+xml"),
        ("image/png, image/svg+xml;q=0.9", "image/png"),
        ("text/*, application/json;q=0.5", "text/csv"),
        ("", "application/json"),
    ],
)
async def test_the_form_follows_accept(trader: Trader, client: Client, accept: str, media: str) -> None:
    """Fails when the order of what is offered, or a weight, is not looked at."""
    response = await asked(client, accept, period="day")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == media
    assert "Accept" in response.headers["vary"].split(", ")


async def test_other_forms_are_refused_as_json(client: Client) -> None:
    response = await asked(client, "application/pdf")
    assert response.status_code == 406
    assert all(media in response.json()["error"]["message"] for media in MEDIA_TYPES)
    response = await asked(client, "image/png", timezone="Mars")
    assert (response.status_code, response.headers["content-type"]) == (400, "application/json")
    assert response.json()["error"]["details"][0]["field"] == "timezone"


@pytest.mark.parametrize("media", MEDIA_TYPES)
async def test_known_reports_are_not_sent_again(trader: Trader, client: Client, media: str) -> None:
    """Fails when a chart is drawn otherwise each time, and when the tag of one form stands for another."""
    first = await asked(client, media, period="day")
    tag = first.headers["etag"]
    headers = {"Accept": media, "If-None-Match": tag}
    again = await client("GET", SALES, params={"period": "day"}, headers=headers)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "Accept" in again.headers["vary"]
    head = await client("HEAD", SALES, params={"period": "day"}, headers={"Accept": media})
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-type"] == first.headers["content-type"]
    others = {(await asked(client, each, period="day")).headers["etag"] for each in MEDIA_TYPES}
    assert len(others) == len(MEDIA_TYPES)


async def test_csv_has_the_series_of_the_json(trader: Trader, client: Client) -> None:
    """Fails when an amount loses its decimals, and when steps without sales are left out."""
    report = orjson.loads((await asked(client, "application/json", period="day")).content)
    rows = await table(client, period="day")
    assert list(rows[0]) == ["start", "label", "currency", "revenue", "orders", "units", "avg_order_value"]
    assert [row["start"] for row in rows] == [step["start"] for step in report["series"]]
    assert [row["label"] for row in rows] == [step["label"] for step in report["series"]]
    for row, step in zip(rows, report["series"], strict=True):
        found = step["figures"]
        assert (row["currency"], int(row["orders"]), int(row["units"])) == ("gbp", found["orders"], found["units"])
        assert Decimal(row["revenue"]) == Decimal(str(found["revenue"]))
        assert row["revenue"].partition(".")[2] == f"{Decimal(row['revenue']):.2f}"[-2:]
        assert row["avg_order_value"] == ("" if found["orders"] == 0 else f"{found['avg_order_value']:.2f}")
    assert sum(int(row["units"]) for row in rows) == report["totals"]["units"] > 0


async def test_csv_has_the_groups_if_there_are_any(trader: Trader, client: Client) -> None:
    given = {"period": "day", "group_by": "product", "limit": 3}
    report = orjson.loads((await asked(client, "application/json", **given)).content)
    rows = await table(client, **given)
    assert [(row["key"], row["name"]) for row in rows] == [(row["key"], row["name"]) for row in report["groups"]]
    assert [Decimal(row["revenue"]) for row in rows] == [
        Decimal(str(row["figures"]["revenue"])) for row in report["groups"]
    ]
    assert len(rows) == 3


async def test_products_are_a_table_and_a_chart_too(trader: Trader, client: Client) -> None:
    """Fails when a decimal figure goes through the form of another unit, and when more than five are drawn."""
    given = {"period": "day", "limit": 3}
    answers = [
        await client("GET", "/v2/analytics/products", params=given, headers={"Accept": media}) for media in MEDIA_TYPES
    ]
    assert {answer.status_code for answer in answers} == {200}
    report, rows = answers[0].json(), list(csv.DictReader(io.StringIO(answers[1].text, newline="")))
    assert [row["product_id"] for row in rows] == [each["product_id"] for each in report["products"]]
    for row, each in zip(rows, report["products"], strict=True):
        for name, figure in each["figures"].items():
            assert name == "currency" or (row[name] == "") == (figure is None)
            if name not in ("currency", "mean_stock", "turnover") and figure is not None:  # the stock is that until now
                assert Decimal(row[name]) == Decimal(str(figure))
    shown = _texts(answers[2].text)
    assert {"Products", "Revenue (GBP)", "Margin (%)"} <= set(shown)
    assert not {"Returned", "Turnover"} & set(shown)
    assert answers[3].content.startswith(PNG_MARK)
    narrow = await client(
        "GET", "/v2/analytics/products", params={**given, "metrics": "turnover"}, headers={"Accept": "image/svg+xml"}
    )
    assert "Turnover" in narrow.text


@pytest.mark.parametrize(
    ("metric", "member", "key"),
    [
        ("lifetime_value", "customers", "customer_id"),
        ("segments", "segments", "segment"),
        ("geography", "countries", "country"),
        ("channels", "channels", "channel"),
    ],
)
async def test_a_part_of_the_customer_report_is_a_table_and_a_chart(
    trader: Trader, client: Client, metric: str, member: str, key: str
) -> None:
    """Fails when a column has not the name of its member, and when the table is not that of the first metric."""
    given = {"period": "day", "metrics": f"{metric},cohorts"}
    path = "/v2/analytics/customers"
    report, rows, drawn = [
        await client("GET", path, params=given, headers={"Accept": media}) for media in MEDIA_TYPES[:3]
    ]
    found = list(csv.DictReader(io.StringIO(rows.text, newline="")))
    expected = report.json()[member]
    assert [row[key] for row in found] == [each[key] or "" for each in expected]
    assert [Decimal(row["revenue"]) for row in found] == [Decimal(str(each["revenue"])) for each in expected]
    assert set(found[0]) <= {*expected[0], "currency"}
    assert drawn.status_code == 200
    assert "Revenue (GBP)" in drawn.text


async def test_cohorts_are_a_row_for_each_month(trader: Trader, client: Client) -> None:
    given = {"metrics": "cohorts", "period": "year"}
    report = (await client("GET", "/v2/analytics/customers", params=given)).json()
    rows = await client("GET", "/v2/analytics/customers", params=given, headers={"Accept": "text/csv"})
    found = list(csv.DictReader(io.StringIO(rows.text, newline="")))
    assert [(row["cohort"], row["month"], Decimal(row["retention"])) for row in found] == [
        (cohort["label"][:7], month["label"][:7], Decimal(str(month["retention"])))
        for cohort in report["cohorts"]
        for month in cohort["months"]
    ]
    assert found


@pytest.mark.parametrize("dimensions", [[], ["hour"], ["product"], ["product_category", "customer_segment"]])
async def test_custom_reports_are_tables_and_charts(trader: Trader, client: Client, dimensions: list[str]) -> None:
    """The form of a POST follows Accept, too. Fails when a dimension has no column, or a name no id beside it."""
    body = {"dimensions": dimensions, "measures": ["revenue", "order_count", "profit"]}
    report, rows, drawn = [
        await client("POST", "/v2/analytics/custom", json=body, headers={"Accept": media}) for media in MEDIA_TYPES[:3]
    ]
    assert [each.status_code for each in (report, rows, drawn)] == [201] * 3
    found = list(csv.DictReader(io.StringIO(rows.text, newline="")))
    expected = report.json()["rows"] if dimensions else [report.json()["totals"]]
    assert [Decimal(row["revenue"]) for row in found] == [Decimal(str(each["revenue"])) for each in expected]
    for row, each in zip(found, expected, strict=True):
        for name in dimensions:
            value = each[name]
            if isinstance(value, dict):
                assert (row[f"{name}_id"], row[name]) == (value["id"] or "", value["name"] or "")
            else:
                assert row[name] == value
    assert {"Revenue (GBP)", "Orders", "Profit (GBP)"} <= set(_texts(drawn.text))


def _texts(svg: str) -> list[str]:
    tree = ElementTree.fromstring(svg)  # noqa: S314 - our own
    return ["".join(each.itertext()) for each in tree.iter(f"{SVG}text")]


async def test_only_requested_figures_are_columns(trader: Trader, client: Client) -> None:
    rows = await table(client, period="day", metrics="units,revenue")
    assert list(rows[0]) == ["start", "label", "currency", "revenue", "units"]


async def test_names_are_neither_formulas_nor_markup_nor_expressions(
    database: Database, trader: Trader, client: Client
) -> None:
    """Fails when a name is written as it is, put into an expression, or a control character into XML."""
    async with database.system_connection() as connection:
        query = "SELECT id FROM product WHERE store_id = $1 ORDER BY id"
        products = await connection.fetch(query, trader.owner.store.number)
        for row, name in zip(products, NAMES, strict=True):
            await connection.execute("UPDATE product SET name = $2 WHERE id = $1", row["id"], name)
    cells = {row["name"] for row in await table(client, period="day", group_by="product")}
    assert cells == {f"'{name}" if name.startswith("=") else name for name in NAMES}
    shown = await texts(client, period="day", group_by="product")
    assert {NAMES[0][:31] + "…", NAMES[1][:31] + "…", NAMES[2], "كتاب 日本語"} <= set(shown)


async def test_a_chart_says_what_it_shows(trader: Trader, client: Client) -> None:
    """Title, days, time zone, currency, freshness, totals and the units of the axes."""
    given = {"timezone": "Asia/Tokyo", "compare": "previous_period"}
    report = orjson.loads((await asked(client, "application/json", **given)).content)
    shown = await texts(client, **given)
    assert "Sales" in shown
    subtitle = next(text for text in shown if "Asia/Tokyo · GBP · as of" in text)
    assert report["as_of"][11:16] in subtitle
    revenue, units = report["totals"]["revenue"], report["totals"]["units"]
    assert f"Revenue: £{revenue:,.2f} (period before: £0.00)" in shown
    assert f"Units: {units} (period before: 0)" in shown
    assert {"Revenue (GBP)", "Orders", "Units", "Average order (GBP)", "Day, Asia/Tokyo"} <= set(shown)


async def test_a_chart_of_groups_names_each_with_its_figures(trader: Trader, client: Client) -> None:
    given = {"period": "day", "group_by": "country", "metrics": "revenue"}
    report = orjson.loads((await asked(client, "application/json", **given)).content)
    shown = await texts(client, **given)
    for row in report["groups"]:
        assert row["key"] is None or row["key"] in shown
        assert f"£{row['figures']['revenue']:,.2f}" in shown
    assert "Sales by country" in shown


async def test_a_png_is_one(trader: Trader, client: Client) -> None:
    """Twice the size of the SVG, so that it is sharp on good screens."""
    svg = ElementTree.fromstring((await asked(client, "image/svg+xml", period="day")).text)  # noqa: S314 - our own
    png = (await asked(client, "image/png", period="day")).content
    assert png.startswith(PNG_MARK)
    size = struct.unpack(">II", png[16:24])
    assert size == (2 * int(svg.get("width", 0)), 2 * int(svg.get("height", 0)))


async def test_a_store_without_sales_has_charts_that_say_so(client: Client) -> None:
    for given in ({}, {"group_by": "product"}):
        assert "No sales" in await texts(client, **given)
    assert await table(client, group_by="product") == []


async def test_names_of_customers_need_their_scope(
    database: Database, trader: Trader, http: httpx.AsyncClient, client: Client, shop: Shop, make_key: MakeKey
) -> None:
    """Fails when tables are made of more than the caller may see."""
    bare = Client(http, await make_key(shop.test, "analytics:read"))
    assert "Jane" in await texts(client, period="day", group_by="customer")
    assert "Jane" not in await texts(bare, period="day", group_by="customer")
    assert {row["name"] for row in await table(bare, period="day", group_by="customer")} == {""}
