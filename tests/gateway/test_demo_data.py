"""The demo shop's data as the package carries it: complete, counted, and fit to be browsed."""

import re
from collections import Counter
from decimal import Decimal

import pytest

from domain import customers
from domain.kernel.database import Database
from domain.kernel.listing import Query
from gateway.demo.load import load_customers
from gateway.demo.people import sample_customers
from gateway.demo.rows import (
    DemoProduct,
    demo_categories,
    demo_products,
    refused_rows,
    sample_categories,
    sample_products,
)
from tests.conftest import Shop


def test_the_demo_shop_has_exactly_these_counts() -> None:
    products = demo_products()
    variants = [variant for product in products for variant in product.variants]
    assert len(products) == 1819
    assert sum(len(product.variants) > 1 for product in products) == 90
    assert len(variants) == 1967
    assert sum(variant.sold for variant in variants) == 90_009
    assert len(demo_categories()) == 25


def test_every_refused_line_is_there_with_its_reason() -> None:
    refused = refused_rows()
    assert Counter(row.reason for row in refused) == {"no_price": 46, "not_a_product": 38}
    lost = {row.stock_code: row.reason for row in refused if row.product is None}
    assert Counter(lost.values()) == {"no_price": 15, "not_a_product": 6}
    assert {code for code, reason in lost.items() if reason == "not_a_product"} == {
        "POST", "D", "C2", "DOT", "M", "BANK CHARGES"
    }  # fmt: skip
    skus = {variant.sku for product in demo_products() for variant in product.variants}
    assert skus.isdisjoint(lost)
    assert skus >= {row.product for row in refused if row.product}


@pytest.mark.parametrize("products", [demo_products(), sample_products()], ids=["demo", "sample"])
def test_skus_are_unique_whatever_their_case_and_fit_the_platform(products: list[DemoProduct]) -> None:
    owners: dict[str, str] = {}
    for product in products:
        for sku in {product.sku, *(variant.sku for variant in product.variants)}:
            assert re.fullmatch(r"[^/\s]{1,64}", sku)
            assert owners.setdefault(sku.casefold(), product.sku) == product.sku
        assert len({variant.sku.casefold() for variant in product.variants}) == len(product.variants)


@pytest.mark.parametrize("products", [demo_products(), sample_products()], ids=["demo", "sample"])
def test_money_and_stock_are_plausible(products: list[DemoProduct]) -> None:
    for product in products:
        for variant in product.variants:
            price = product.price if variant.price is None else variant.price
            for amount in (price, product.price, variant.cost):
                assert amount > 0
                assert amount == amount.quantize(Decimal("0.01"))
            assert variant.price != product.price, "an override that overrides nothing"
            assert variant.cost < price
            assert variant.stock >= 0
            assert variant.sold >= 0
        assert product.cost == product.variants[0].cost
        assert product.stock == sum(variant.stock for variant in product.variants)


def test_the_demo_costs_35_to_60_per_cent_of_its_price() -> None:
    half_a_penny = Decimal("0.005")
    for product in demo_products():
        for variant in product.variants:
            price = variant.price or product.price
            assert price * Decimal("0.35") - half_a_penny <= variant.cost <= price * Decimal("0.60") + half_a_penny


def test_stock_has_its_sold_out_its_low_and_its_plenty() -> None:
    stock = [variant.stock for product in demo_products() for variant in product.variants]
    assert stock.count(0) == 29
    assert sum(0 < units < 10 for units in stock) == 123
    assert max(stock) < 2_000


def test_names_are_clean() -> None:
    for product in demo_products():
        assert product.name == " ".join(product.name.split(" ")).strip(" ,.")
        assert "  " not in product.name
        assert re.match(r"[A-Z0-9]", product.name)
        assert re.search(r"[A-Za-z]{3}", product.name)
        assert not re.search(r"\b(amazon|wrongly|damaged|found|check|missing)\b|\?", product.name)
        assert not re.search(r"[A-Z]{4}", product.name), "a word left in capitals"


def test_every_product_stands_on_a_known_shelf() -> None:
    known = [category.slug for category in demo_categories()]
    used = {slug for product in demo_products() for slug in product.categories}
    assert used == set(known)
    assert len(known) == len(set(known))
    for product in demo_products():
        assert 1 <= len(product.categories) <= 3
        assert len(set(product.categories)) == len(product.categories)
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in (*product.categories, *product.tags))


@pytest.mark.parametrize("products", [demo_products(), sample_products()], ids=["demo", "sample"])
def test_variants_of_one_product_differ_in_the_same_attributes(products: list[DemoProduct]) -> None:
    for product in products:
        attributes = [variant.attributes for variant in product.variants]
        if len(attributes) == 1:
            assert attributes == [()]
            assert product.variants[0].sku == product.sku
        else:
            assert len(set(attributes)) == len(attributes)
            assert len({tuple(name for name, _ in pairs) for pairs in attributes}) == 1
            assert all(value.strip() for pairs in attributes for _, value in pairs)


def test_the_sample_shop_shows_every_status_and_kind() -> None:
    products = sample_products()
    assert len(products) == 12
    assert Counter(product.status for product in products) == {"active": 9, "draft": 2, "archived": 1}
    assert {slug for product in products for slug in product.categories} == {c.slug for c in sample_categories()}
    headphones = products[0]
    assert (headphones.sku, headphones.name) == ("HEADPHONE-001", "Premium Wireless Headphones")
    assert headphones.price == Decimal("199.99")
    assert any(len(variant.attributes) == 2 for product in products for variant in product.variants)
    addresses = [image.url for product in products for image in product.images]
    addresses += [variant.image for product in products for variant in product.variants if variant.image]
    assert all(address.startswith("https://images.example.com/") for address in addresses)


@pytest.mark.parametrize(("decimals", "price"), [(0, "200"), (2, "199.99"), (3, "199.990")])
def test_the_sample_is_priced_for_any_currency(decimals: int, price: str) -> None:
    products = sample_products(decimals)
    assert str(products[0].price) == price
    amounts = [amount for p in products for v in p.variants for amount in (p.price, v.price or p.price, v.cost)]
    assert all(amount > 0 and amount.as_tuple().exponent == -decimals for amount in amounts)


async def test_the_sample_customers_are_loaded_once(database: Database, shop: Shop) -> None:
    people = sample_customers()
    assert [await load_customers(database, shop.test, people) for _ in range(2)] == [len(people), 0]
    async with database.read_connection(shop.test.store) as reader:
        page = await customers.reads.customers.page(reader, Query(sort="email"))
    assert [row.email for row in page.rows] == sorted(person.email for person in people)
    assert {person.email.partition("@")[2] for person in people} <= {"example.com", "example.org", "example.net"}
