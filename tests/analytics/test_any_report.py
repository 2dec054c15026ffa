"""Sales and custom reports equal a plain recount, whatever is requested: hypothesis draws the dates, the time zone, the
steps, the groups, the dimensions and the filters, and shrinks what differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.kernel.database import Database
from tests.analytics.plain_recount import Sale, plain_recount
from tests.analytics.test_custom_report import DIMENSIONS, MEASURES, TIMES, Values, require_rows
from tests.analytics.test_custom_report import figures as measures_of
from tests.analytics.test_custom_report import report as custom_report
from tests.analytics.test_customer_report import Recount
from tests.analytics.test_sales_report import DIMENSIONS as GROUPS
from tests.analytics.test_sales_report import channels, figures, group_keys, local_day, memberships, report
from tests.analytics.trade import Trader
from tests.conftest import Client
from tests.examples import examples

INTERVALS = ("day", "week", "month", "quarter", "year")
PLAIN = [each for each in DIMENSIONS if each not in TIMES]
ZONES = st.sampled_from(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc")))
SPANS = st.tuples(st.dates(date(2025, 12, 1), date(2026, 11, 30)), st.integers(0, 365))
REPEATED = [HealthCheck.function_scoped_fixture]
"""Each example reads the same sales."""


def begin_of(day: date, interval: str, first: date) -> str:
    """The label of the step that a day is in: its first day, in the first step that of the period."""
    start = {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": date(day.year, 1, 1),
    }[interval]
    return str(max(start, first))


def in_period(sales: Sequence[Sale], zone: str, first: date, last: date) -> list[Sale]:
    return [sale for sale in sales if first <= local_day(sale, zone) <= last]


@settings(max_examples=examples(25), suppress_health_check=REPEATED)
@given(span=SPANS, zone=ZONES, interval=st.sampled_from(INTERVALS), group=st.sampled_from(GROUPS), paid=st.booleans())
async def test_any_sales_report_equals_a_recount(
    database: Database,
    trader: Trader,
    client: Client,
    span: tuple[date, int],
    zone: str,
    interval: str,
    group: str,
    paid: bool,
) -> None:
    first, last = span[0], span[0] + timedelta(days=span[1])
    found = await report(
        client,
        period="custom",
        start_date=str(first),
        end_date=str(last),
        timezone=zone,
        interval=interval,
        group_by=group,
        limit=200,
        paid_only=str(paid).lower(),
    )
    sales = [sale for sale in await plain_recount(database, trader.owner.store.number) if sale.paid or not paid]
    counted = in_period(sales, zone, first, last)
    assert found["totals"] == figures(counted)
    steps: dict[str, list[Sale]] = {}
    for sale in counted:
        steps.setdefault(begin_of(local_day(sale, zone), interval, first), []).append(sale)
    shown = {step["label"]: step["figures"] for step in found["series"]}
    assert {label: shown.pop(label) for label in steps} == {label: figures(own) for label, own in steps.items()}
    assert all(each["orders"] == 0 for each in shown.values())
    keys = await group_keys(database, trader.owner.store.number, group)
    groups: dict[Any, list[Sale]] = {}
    for sale in counted:
        for key in keys(sale):
            groups.setdefault(key, []).append(sale)
    assert {each["key"]: each["figures"] for each in found["groups"]} == {
        key: figures(own) for key, own in groups.items()
    }


@settings(max_examples=examples(25), suppress_health_check=REPEATED)
@given(
    span=SPANS,
    zone=ZONES,
    dimensions=st.lists(st.sampled_from(PLAIN), max_size=2, unique=True),
    chosen=st.lists(st.sampled_from(PLAIN), max_size=2, unique=True),
    draw=st.randoms(use_true_random=False),
)
async def test_any_custom_report_equals_a_recount(
    database: Database,
    trader: Trader,
    client: Client,
    span: tuple[date, int],
    zone: str,
    dimensions: list[str],
    chosen: list[str],
    draw: Any,
) -> None:
    first, last, store = span[0], span[0] + timedelta(days=span[1]), trader.owner.store.number
    counted = Recount(await plain_recount(database, store), zone, first, last)
    values = Values(counted, await memberships(database, store), await channels(database, store), zone)
    sale = draw.choice(counted.period) if counted.period else None
    filters = {} if sale is None else {name: values.of[name](sale)[0] for name in chosen}
    filters = {name: value for name, value in filters.items() if value is not None}
    days = {"from": str(first), "to": str(last)}
    found = await custom_report(
        client,
        dimensions=dimensions,
        measures=MEASURES,
        filters={"date_range": days, **filters},
        timezone=zone,
        limit=200,
    )
    own = [each for each in counted.period if all(value in values.of[name](each) for name, value in filters.items())]
    assert {"currency": "gbp", **{name: found["totals"][name] for name in MEASURES}} == measures_of(own)
    groups = values.groups(own, dimensions)
    if "product_category" in filters and "product_category" in dimensions:
        at = dimensions.index("product_category")
        groups = {key: each for key, each in groups.items() if key[at] == filters["product_category"]}
    if dimensions:
        require_rows(found, groups, dimensions)
