"""What is compared of answers that differ in shape."""

from __future__ import annotations

import pytest

from benchmarks.corpus.leaves import count, disagreement, leaves_of, shared
from benchmarks.corpus.operations import HERE, corpus
from benchmarks.corpus.values import fill_in, shop_values
from benchmarks.shop import Size, item_id, order_id


def _money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


OURS = {
    "data": {
        "orders": {
            "nodes": [
                {"id": "ord_1", "status": "PAID", "total": _money("12.50"), "customer": {"id": "c"}},
                {"id": "ord_2", "status": "PAID", "total": _money("3.00"), "customer": None},
            ]
        }
    }
}
PEERS = {
    "data": {
        "orders": {
            "nodes": [
                {"id": "ord_1", "status": "paid", "total": "1250", "total_currency": "GBP", "customer": {"id": "c"}},
                {"id": "ord_2", "status": "paid", "total": "300", "total_currency": "GBP", "customer": None},
            ]
        }
    }
}
REST = {
    "data": [
        {"id": "ord_1", "status": "paid", "total": 12.5, "customer_id": "c"},
        {"id": "ord_2", "status": "paid", "total": 3.0, "customer_id": None},
    ],
    "pagination": {"page": 1},
}
NOTHING: frozenset[str] = frozenset()


def test_the_same_by_other_names_is_the_same() -> None:
    assert count(leaves_of(OURS)) == count(leaves_of(PEERS)) == 10
    assert not disagreement(leaves_of(OURS), leaves_of(PEERS), NOTHING, NOTHING)


def test_what_only_one_says_is_not_compared() -> None:
    assert not disagreement(leaves_of(OURS), leaves_of(REST), NOTHING, NOTHING)
    assert shared(leaves_of(OURS), leaves_of(REST)) == pytest.approx(4 / 6)


def test_another_value_is_told_with_its_path() -> None:
    one, other = ({"data": {"order": {"total": total}}} for total in ({"amount": "12.50"}, "1251"))
    assert disagreement(leaves_of(one), leaves_of(other), NOTHING, NOTHING) == ": [1250] [1251]"


def test_what_must_be_alike_must_be_there() -> None:
    missing = frozenset({"number"})
    assert disagreement(leaves_of(OURS), leaves_of(PEERS), NOTHING, missing) == "number: None None"


def test_an_instant_is_one_whatever_its_fraction_and_zone() -> None:
    times = ("2026-01-15T10:30:00.000Z", "2026-01-15T10:30:00Z", "2026-01-15T11:30:00.123+01:00")
    assert len({leaves_of({"data": {"a": {"at": each, "b": 1}}})["at"][0] for each in times}) == 1


def test_an_order_is_edited_by_an_item_of_its_own() -> None:
    values = shop_values(Size(products=60, customers=30, orders=80))
    asked = [fill_in(["{edited_order}", "{edited_item}"], values, number) for number in range(3)]
    assert asked == [[order_id(number), item_id(number)] for number in (41, 45, 49)]


def test_the_corpus_is_what_its_documents_are() -> None:
    assert len(corpus()) >= 24
    assert {each.name for each in corpus()} == {file.stem for file in (HERE / "graphql").iterdir()}


def test_an_object_that_is_null_says_what_a_null_id_says() -> None:
    """Taken out to see it fail: ``_present``. One purchase order of fifty had an alert, and a run ended there."""
    graph = leaves_of({"data": {"list": {"nodes": [{"id": "a", "alert": {"id": "x"}}, {"id": "b", "alert": None}]}}})
    rest = leaves_of({"data": [{"id": "a", "alert_id": "x"}, {"id": "b", "alert_id": None}]})
    assert disagreement(graph, rest, NOTHING, NOTHING) == ""
    other = leaves_of({"data": [{"id": "a", "alert_id": "y"}, {"id": "b", "alert_id": None}]})
    assert disagreement(graph, other, NOTHING, NOTHING).startswith("alertid")
