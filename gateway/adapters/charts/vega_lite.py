"""Charts as Vega-Lite specifications.

What stores have named is data only: Vega evaluates expressions of a specification, and never what is in its data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from domain.analytics.tables.report_tables import ReportTable, TableColumn, TableForm, Unit
from domain.kernel.money import to_major
from gateway.adapters.charts.texts import (
    MAX_LABEL,
    character_width,
    currency_prefix,
    plain_number,
    shown_lines,
    smallest_step,
    subtitle,
    tick_format,
    ticks,
    value_text,
)

Spec = dict[str, Any]

MAX_PANELS = 5
"""Figures of a chart: more would be too wide to be read."""
MAX_GROUPS = 20
"""Bars of a chart of groups."""
MAX_BARS = 124
"""Steps of a series that are drawn as bars, four months of days; more are a line."""
FONT = "Noto Sans, DejaVu Sans, Liberation Sans, Arial, sans-serif"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
"""Of the palette of Okabe and Ito, which the colour-blind can tell apart. Each has a panel of its own besides."""
_WIDTH, _HEIGHT, _SMALL_HEIGHT = 760, 240, 110
_CHARACTER_WIDTH = 7
_NAME_WIDTH, _BAR_WIDTH, _SMALL_BAR_WIDTH = _CHARACTER_WIDTH * MAX_LABEL, 320, 150
_ROW_HEIGHT, _LINE_HEIGHT = 24, 15
_LABEL_ROOM = Decimal("1.6")
"""What an axis of groups is longer than its bars, for the text at their ends."""
_GREY, _TEXT = "#D9D9D9", "#333333"


def locale_of(table: ReportTable) -> dict[str, Any]:
    """How d3 writes numbers: ``£`` cannot stand in a format."""
    currency = [currency_prefix(table.currency), ""]
    return {"decimal": ".", "thousands": ",", "grouping": [3], "currency": currency}


def spec_of(table: ReportTable) -> Spec:
    """The specification of the chart of a table."""
    if not any(row[place] for row in table.rows for place in table.measures):
        return {**_frame(table), **_nothing(table)}
    if table.form == TableForm.SERIES:
        return {**_frame(table), **_panels_of_series(table)}
    return {**_frame(table), **_panels_of_groups(table)}


def _frame(table: ReportTable) -> Spec:
    """What all charts have."""
    title = {
        "text": table.title,
        "subtitle": [*subtitle(table), *_shown_part(table)],
        "anchor": "start",
        "fontSize": 18,
        "subtitleFontSize": 12,
        "subtitleColor": _TEXT,
        "offset": 12,
    }
    axis = {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": "#EEEEEE"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": f"{table.title}. {subtitle(table)[0]}",
        "background": "white",
        "padding": 16,
        "title": title,
        "config": {"font": FONT, "axis": axis, "view": {"stroke": None}, "concat": {"spacing": 16}},
    }


def _shown_part(table: ReportTable) -> list[str]:
    """Which of all groups are shown, if not all of them."""
    shown = min(len(table.rows), MAX_GROUPS)
    count = len(table.rows) if table.row_count is None else table.row_count
    if table.form != TableForm.GROUPS or not shown or shown == count:
        return []
    first = table.offset + 1
    return [f"The first {shown} of {count:,}" if first == 1 else f"{first:,} to {table.offset + shown:,} of {count:,}"]


def _nothing(table: ReportTable) -> Spec:
    mark = {"type": "text", "text": table.empty_text, "fontSize": 20, "color": "#666666"}
    return {
        "data": {"values": [{}]},
        "mark": mark,
        "width": _WIDTH,
        "height": _HEIGHT,
        "view": {"stroke": _GREY},
    }


def _panels_of_series(table: ReportTable) -> Spec:
    places = table.measures[:MAX_PANELS]
    shown = ticks(table.labels, table.interval)
    panels = [
        _series_panel(table, place, COLOURS[number % len(COLOURS)], number, shown, is_last=number == len(places) - 1)
        for number, place in enumerate(places)
    ]
    return {"data": {"values": _values(table, places)}, "vconcat": panels, "resolve": {"scale": {"x": "shared"}}}


def _series_panel(
    table: ReportTable, place: int, colour: str, number: int, shown: Mapping[int, str], *, is_last: bool
) -> Spec:
    """A measure over time. Only the last panel has the labels of the time."""
    is_bars = len(table.rows) <= MAX_BARS
    axis = _time_axis(table, shown, is_last=is_last)
    x = {"field": "n", "type": "ordinal", "scale": {"type": "band" if is_bars else "point"}, "axis": axis}
    column = table.columns[place]
    mark: Spec = {"type": "bar", "color": colour} if is_bars else {"type": "line", "color": colour, "strokeWidth": 1.5}
    y = {"field": f"v{place}", "type": "quantitative", "axis": _measure_axis(table, place), "scale": {"zero": True}}
    return {
        "title": _panel_title(table, column),
        "width": _WIDTH,
        "height": _SMALL_HEIGHT if number else _HEIGHT,
        "layer": [
            {"mark": mark, "encoding": {"x": x, "y": y}},
            {"data": {"values": [{}]}, "mark": {"type": "rule", "color": "#888888"}, "encoding": {"y": {"datum": 0}}},
        ],
    }


def _time_axis(table: ReportTable, shown: Mapping[int, str], *, is_last: bool) -> Spec:
    return {
        "values": list(shown),
        "labelExpr": f"({orjson.dumps({str(n): text for n, text in shown.items()}).decode()})[datum.value]",
        "labels": is_last,
        "ticks": is_last,
        "labelAngle": 0,
        "labelOverlap": False,
        "labelFlush": False,
        "title": f"{table.interval.capitalize()}, {table.period.timezone}" if is_last else None,
        "grid": False,
        "domain": is_last,
        "domainColor": "#888888",
    }


def _panel_title(table: ReportTable, column: TableColumn) -> Spec:
    """The measure with its total, and that of the period before."""
    text = column.title
    if column.name in table.totals:
        text += f": {value_text(table.totals[column.name], column.unit, table.currency)}"
    if column.name in table.previous:
        text += f" (period before: {value_text(table.previous[column.name], column.unit, table.currency)})"
    return {"text": text, "anchor": "start", "fontSize": 12, "offset": 6}


def _measure_axis(table: ReportTable, place: int, count: int = 5) -> Spec:
    column = table.columns[place]
    values = [_major(row[place], column.unit, table.currency) for row in table.rows if row[place] is not None]
    form = tick_format(column.unit, table.currency, max(map(abs, values), default=Decimal(0)))
    unit = {Unit.AMOUNT: f" ({table.currency})", Unit.RATIO: " (%)"}.get(column.unit, "")
    return {
        "title": f"{column.title}{unit}",
        "format": form,
        "labelExpr": f"replace(format(datum.value, '{form}'), /G$/, 'B')",  # d3 knows billions as giga
        "tickCount": count,
        "tickMinStep": smallest_step(column.unit, table.currency),
        "minExtent": 64,
        "domain": False,
        "ticks": False,
    }


def _panels_of_groups(table: ReportTable) -> Spec:
    rows = table.rows[:MAX_GROUPS]
    places = table.measures[:MAX_PANELS]
    values = _values(table, places, MAX_GROUPS)
    for value, row, label in zip(values, rows, table.labels, strict=False):
        value["name"] = shown_lines(label)
        for place in places:
            text = value_text(row[place], table.columns[place].unit, table.currency)
            is_negative = (row[place] or 0) < 0
            value |= {f"p{place}": "" if is_negative else text, f"m{place}": text if is_negative else ""}
    names = [value["name"] for value in values]
    height = len(rows) * (_ROW_HEIGHT + _LINE_HEIGHT * (max(map(len, names)) - 1))
    panels = [
        _bar_panel(table, place, number, height, COLOURS[number % len(COLOURS)]) for number, place in enumerate(places)
    ]
    return {
        "data": {"values": values},
        "hconcat": [_names(names, height), *panels],
        "resolve": {"scale": {"y": "shared"}},
    }


def _rows_axis() -> Spec:
    return {"field": "n", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.25}}


def _names(names: Sequence[Sequence[str]], height: int) -> Spec:
    """The names as text marks: labels of an axis would have to be expressions."""
    longest = max(sum(map(character_width, line)) for name in names for line in name)
    width = min(_NAME_WIDTH, _CHARACTER_WIDTH * longest)
    mark = {
        "type": "text",
        "align": "right",
        "baseline": "middle",
        "fontSize": 12,
        "color": _TEXT,
        "limit": _NAME_WIDTH,
        "lineHeight": _LINE_HEIGHT,
        "dy": -_LINE_HEIGHT * (max(map(len, names)) - 1) / 2,  # Vega puts the first of several lines in the middle
    }
    encoding = {"y": _rows_axis(), "x": {"value": width}, "text": {"field": "name"}}
    return {"width": width, "height": height, "mark": mark, "encoding": encoding}


def _bar_panel(table: ReportTable, place: int, number: int, height: int, colour: str) -> Spec:
    unit = table.columns[place].unit
    rows = table.rows[:MAX_GROUPS]
    values = [Decimal(0), *(_major(row[place], unit, table.currency) for row in rows if row[place] is not None)]
    ends = [float(end * _LABEL_ROOM) for end in (min(values), max(values))]
    axis = {**_measure_axis(table, place, 2 if number else 3), "orient": "bottom", "minExtent": 0}
    scale = {"domain": ends if ends[0] < ends[1] else [0, 1], "nice": False, "zero": True}
    x = {"field": f"v{place}", "type": "quantitative", "scale": scale, "axis": axis}
    text: Spec = {"type": "text", "baseline": "middle", "fontSize": 11, "color": _TEXT}
    return {
        "width": _SMALL_BAR_WIDTH if number else _BAR_WIDTH,
        "height": height,
        "encoding": {"y": _rows_axis(), "x": x},
        "layer": [
            {"mark": {"type": "bar", "color": colour}},
            {"mark": {**text, "align": "left", "dx": 4}, "encoding": {"text": {"field": f"p{place}"}}},
            {"mark": {**text, "align": "right", "dx": -4}, "encoding": {"text": {"field": f"m{place}"}}},
        ],
    }


def _values(table: ReportTable, places: Sequence[int], most: int | None = None) -> list[Spec]:
    """The rows as data; ``v3`` is the value of the third column."""
    return [
        {"n": number}
        | {
            f"v{place}": orjson.Fragment(plain_number(row[place], table.columns[place].unit, table.currency))
            for place in places
        }
        for number, row in enumerate(table.rows[:most])
    ]


def _major(value: Any, unit: Unit, currency: str) -> Decimal:
    return to_major(value, currency) if unit == Unit.AMOUNT else Decimal(value)
