"""Placement of orders: lines, prices, stock and refusals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain import catalog, customers, orders
from domain.catalog import ProductStatus
from domain.catalog.commands import VariantInput
from domain.kernel.address import AddressInput
from domain.kernel.errors import Conflict, DomainError, ErrorCode, ValidationFailed
from domain.kernel.money import MAX_MINOR_UNITS, Money
from domain.orders import OrderStatus
from domain.orders.commands import DiscountInput, OrderItemInput, ShippingMethodInput, TaxRateInput
from tests.conftest import Do, MakeProduct, Shop
from tests.orders.conftest import MakeOrder, Stock

HOME = AddressInput(first_name="Jane", line1="221B Baker Street", city="London", country="GB")
ORDER_EVENTS = ("order.created", "order.updated", "order.cancelled", "order.fulfilled")


def problems(refusal: DomainError) -> list[tuple[tuple[Any, ...], ErrorCode]]:
    return [(problem.path, problem.code) for problem in refusal.problems]


async def read_events(events: Any) -> list[dict[str, Any]]:
    return [event for event in await events() if event["type"] in ORDER_EVENTS]


async def test_an_order_has_current_names_and_prices_and_reserves_its_stock(
    make_order: MakeOrder, mug: catalog.Product, stock: Stock, events: Any, rows: Any
) -> None:
    order = await make_order(3, shipping_address=HOME, shipping_method="standard", metadata={"gift": True})
    assert (order.status, order.payment_status, order.fulfillment_status) == ("pending", "pending", "unfulfilled")
    assert (order.number, order.subtotal, order.shipping, order.tax, order.total) == (1001, 1500, 500, 0, 2000)
    (item,) = await rows("order_item")
    assert (item["sku"], item["name"], item["price"], item["quantity"]) == ("MUG", "Red mug", 500, 3)
    assert await stock() == {"MUG": (10, 3)}
    (event,) = await read_events(events)
    assert (event["type"], event["sequence"], event["object_id"]) == ("order.created", 1, order.id)
    assert event["snapshot"]["shipping_address"]["first_name"] == "Jane"
    assert event["snapshot"]["items"][0]["sku"] == "MUG"
    assert event["snapshot"]["payment_status"] == "pending"
    (step,) = await rows("order_status_change")
    assert (step["from_status"], step["status"]) == (None, "pending")


async def test_a_given_price_overrides_the_catalog_price(make_order: MakeOrder, mug: catalog.Product) -> None:
    items = (OrderItemInput(sku="mug", quantity=2, price=Money(399, "GBP")), OrderItemInput(sku="MUG", quantity=1))
    order = await make_order(items=items)
    assert [item.price for item in order.items] == [399, 500]
    assert order.total == 2 * 399 + 500


async def test_numbers_increase_per_store(
    make_order: MakeOrder, do: Do, make_product: MakeProduct, other_shop: Shop
) -> None:
    first, second = await make_order(1), await make_order(1)
    assert second.number > first.number >= 1001
    elsewhere = await make_product(other_shop.live, variants=(VariantInput(sku="X", inventory=1),))
    items = (OrderItemInput(product_id=elsewhere.id, quantity=1),)
    assert (await do(orders.create_order, other_shop.live, items=items)).number == 1001


async def test_a_line_is_identified_by_product_variant_or_sku(make_order: MakeOrder, make_product: MakeProduct) -> None:
    shirt = await make_product(
        name="Shirt", sku="SHIRT", variants=(VariantInput(sku="S", inventory=9), VariantInput(sku="L", inventory=9))
    )
    large = shirt.variants[1].id
    namings: list[dict[str, str]] = [
        {"variant_id": large},
        {"product_id": shirt.id, "variant_id": large},
        {"sku": "l"},
        {"product_id": shirt.id, "sku": "L"},
        {"sku": "shirt", "variant_id": large},
    ]
    order = await make_order(items=tuple(OrderItemInput(**naming, quantity=1) for naming in namings))
    assert [item.variant_id for item in order.items] == [large] * 5


@pytest.mark.parametrize(
    ("naming", "path", "code"),
    [
        ({}, (), ErrorCode.REQUIRED),
        ({"sku": "NOPE"}, ("sku",), ErrorCode.NOT_FOUND),
        ({"product_id": "prod_00000000000000000000000000"}, ("product_id",), ErrorCode.NOT_FOUND),
        ({"variant_id": "var_00000000000000000000000000"}, ("variant_id",), ErrorCode.NOT_FOUND),
        ({"sku": "SHIRT"}, ("variant_id",), ErrorCode.REQUIRED),
        ({"sku": "MUG", "variant_id": "var_00000000000000000000000000"}, ("variant_id",), ErrorCode.NOT_FOUND),
    ],
)
async def test_unknown_references_are_reported_and_nothing_is_written(
    make_order: MakeOrder,
    make_product: MakeProduct,
    stock: Stock,
    events: Any,
    rows: Any,
    naming: dict[str, str],
    path: tuple[str, ...],
    code: ErrorCode,
) -> None:
    await make_product(sku="SHIRT", variants=(VariantInput(sku="S"), VariantInput(sku="L")))
    fine = OrderItemInput(sku="MUG", quantity=1)
    with pytest.raises(ValidationFailed) as refusal:
        await make_order(items=(fine, OrderItemInput(**naming, quantity=1)))
    assert problems(refusal.value) == [(("items", 1, *path), code)]
    assert await rows("sales_order") == [] == await read_events(events)
    assert (await stock())["MUG"] == (10, 0)


@pytest.mark.parametrize("status", [ProductStatus.DRAFT, ProductStatus.ARCHIVED])
async def test_inactive_products_cannot_be_ordered(
    make_order: MakeOrder, make_product: MakeProduct, status: ProductStatus, rows: Any
) -> None:
    product = await make_product(status=status, variants=(VariantInput(sku="OFF", inventory=5),))
    with pytest.raises(Conflict) as refusal:
        await make_order(items=(OrderItemInput(product_id=product.id, quantity=1),))
    assert problems(refusal.value) == [(("items", 0), ErrorCode.ILLEGAL_TRANSITION)]
    assert await rows("sales_order") == []


async def test_stock_is_reserved_for_every_line_or_for_none(
    make_order: MakeOrder, make_product: MakeProduct, stock: Stock, rows: Any
) -> None:
    await make_product(variants=(VariantInput(sku="FEW", inventory=1),))
    items = (OrderItemInput(sku="MUG", quantity=5), OrderItemInput(sku="FEW", quantity=2))
    with pytest.raises(Conflict) as refusal:
        await make_order(items=items)
    assert problems(refusal.value) == [(("items", 1, "quantity"), ErrorCode.INSUFFICIENT_STOCK)]
    assert await stock() == {"MUG": (10, 0), "FEW": (1, 0)}
    assert await rows("sales_order") == []


async def test_two_lines_of_one_variant_share_its_stock(make_order: MakeOrder, stock: Stock) -> None:
    six = OrderItemInput(sku="MUG", quantity=6)
    with pytest.raises(Conflict) as refusal:
        await make_order(items=(six, six))
    assert problems(refusal.value) == [(("items", 1, "quantity"), ErrorCode.INSUFFICIENT_STOCK)]
    assert await stock() == {"MUG": (10, 0)}


async def test_tax_depends_on_the_address_and_applies_after_the_discount(make_order: MakeOrder, do: Do) -> None:
    rates = (
        TaxRateInput(country="GB", percent=Decimal(20), on_shipping=True),
        TaxRateInput(country="US", percent=Decimal(5)),
        TaxRateInput(country="US", state="CA", percent=Decimal("7.25")),
    )
    methods = (ShippingMethodInput(code="bike", name="By bike", price=Money(250, "GBP")),)
    await do(orders.update_settings, tax_rates=rates, shipping_methods=methods)
    british = await make_order(
        2, shipping_address=HOME, shipping_method="bike", discount=DiscountInput(percent=Decimal(10))
    )
    assert (british.subtotal, british.discount, british.shipping) == (1000, 100, 250)
    assert (british.shipping_tax, british.tax, british.total) == (50, 230, 1380)
    places = [
        AddressInput(line1="1 Main", city="LA", state="ca", country="US"),
        AddressInput(line1="1 Main", city="NY", state="NY", country="US"),
        AddressInput(line1="1 Rue", city="Paris", country="FR"),
    ]
    assert [(await make_order(1, shipping_address=place)).tax for place in places] == [36, 25, 0]


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"shipping_method": "pigeon"}, ("shipping_method",), ErrorCode.NOT_FOUND),
        ({"discount": DiscountInput(amount=Money(1001, "GBP"))}, ("discount", "amount"), ErrorCode.TOO_LARGE),
        ({"customer_id": "cust_00000000000000000000000000"}, ("customer_id",), ErrorCode.NOT_FOUND),
        (
            {"items": (OrderItemInput(sku="MUG", quantity=2, price=Money(MAX_MINOR_UNITS, "GBP")),)},
            ("items",),
            ErrorCode.TOO_LARGE,
        ),
        (
            {"shipping_address": AddressInput(line1="1", city="London", country="GB", phone="12")},
            ("shipping_address", "phone"),
            ErrorCode.INVALID,
        ),
    ],
)
async def test_invalid_terms_are_refused(
    make_order: MakeOrder, rows: Any, given: dict[str, Any], path: tuple[str, ...], code: ErrorCode
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await make_order(**given)
    assert problems(refusal.value) == [(path, code)]
    assert await rows("sales_order") == []


async def test_an_order_copies_the_address_of_the_customer_and_archived_customers_cannot_order(
    make_order: MakeOrder, do: Do, rows: Any
) -> None:
    customer = await do(customers.create_customer, email="jane@example.com")
    order = await make_order(1, customer_id=customer.id)
    assert (order.customer_id, order.email) == (customer.id, "jane@example.com")
    assert (await make_order(1, customer_id=customer.id, email="else@example.com")).email == "else@example.com"
    await do(customers.archive_customer, id=customer.id)
    with pytest.raises(Conflict) as refusal:
        await make_order(1, customer_id=customer.id)
    assert problems(refusal.value) == [(("customer_id",), ErrorCode.ILLEGAL_TRANSITION)]
    assert len(await rows("sales_order")) == 2


async def test_an_order_with_total_zero_is_paid(make_order: MakeOrder) -> None:
    order = await make_order(1, discount=DiscountInput(percent=Decimal(100)))
    assert (order.total, order.payment_status, order.status) == (0, "paid", OrderStatus.PENDING)
