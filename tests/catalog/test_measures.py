"""Weight, barcode and compare-at price of variants: on both surfaces and in events, stored exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain import catalog
from domain.catalog.commands import VariantInput, WeightInput
from domain.catalog.model import WeightUnit
from domain.kernel.money import Money
from tests.catalog.test_product_creation import Events
from tests.conftest import Client, Graph, MakeProduct
from tests.raw_json import compact

VARIANT = """query ($id: ID, $sku: String) { variant(id: $id, sku: $sku) { id sku product { sku } barcode
  weight { value unit } compareAtPrice { amount } } }"""
UPDATE = """mutation ($input: UpdateVariantInput!) { updateVariant(input: $input) { variant { barcode
  weight { value unit } compareAtPrice { amount minorUnits } } userErrors { code field } } }"""


async def mug(make_product: MakeProduct) -> catalog.Product:
    return await make_product(
        sku="MUG",
        variants=(
            VariantInput(
                sku="MUG-1",
                weight=WeightInput(value=Decimal("1.50"), unit=WeightUnit.KILOGRAM),
                barcode="5012345678900",
                compare_at_price=Money(24_999, "GBP"),
            ),
            VariantInput(sku="MUG-2"),
        ),
    )


@pytest.mark.both_servers
async def test_they_are_the_same_on_both_surfaces_and_in_the_event(
    rest: Client, graph: Graph, make_product: MakeProduct, events: Events
) -> None:
    product = await mug(make_product)
    first, second = (await rest("GET", f"/v2/products/{product.id}")).json()["variants"]
    assert (first["weight"], first["barcode"]) == ({"value": 1.5, "unit": "kg"}, "5012345678900")
    assert first["compare_at_price"] == 249.99
    assert [second[name] for name in ("weight", "barcode", "compare_at_price")] == [None, None, None]
    assert (await graph(VARIANT, id=first["id"]))["variant"] == {
        "id": first["id"],
        "sku": "MUG-1",
        "product": {"sku": "MUG"},
        "barcode": "5012345678900",
        "weight": {"value": "1.5", "unit": "KILOGRAM"},
        "compareAtPrice": {"amount": "249.99"},
    }
    (event,) = await events()
    told = event["snapshot"]["variants"][0]
    assert [told[name] for name in ("weight", "weight_unit", "barcode", "compare_at_price")] == [
        "1.5",
        "kg",
        "5012345678900",
        24_999,
    ]


@pytest.mark.parametrize("value", ["0", "0.0001", "0.1", "453.5924", "1000000", "999999.9999"])
async def test_a_weight_is_answered_with_the_digits_it_was_given(
    rest: Client, make_product: MakeProduct, value: str
) -> None:
    product = await make_product(variants=(VariantInput(sku="A"),))
    path = f"/v2/products/{product.id}/variants/{product.variants[0].id}"
    body = f'{{"weight": {{"value": {value}, "unit": "lb"}}}}'
    answer = await rest("PUT", path, content=body, headers={"Content-Type": "application/json"})
    assert f'"weight":{{"value":{value},"unit":"lb"}}' in compact(answer.content).decode()


async def test_null_clears_them_and_leaving_them_out_does_not(
    graph: Graph, rest: Client, make_product: MakeProduct, events: Events
) -> None:
    product = await mug(make_product)
    ids = {"productId": product.id, "id": product.variants[0].id}
    kept = (await graph(UPDATE, input={**ids, "attributes": {"size": "L"}}))["updateVariant"]["variant"]
    assert kept == {
        "barcode": "5012345678900",
        "weight": {"value": "1.5", "unit": "KILOGRAM"},
        "compareAtPrice": {"amount": "249.99", "minorUnits": 24_999},
    }
    nothing = {"weight": None, "barcode": " ", "compareAtPrice": None}
    cleared = (await graph(UPDATE, input={**ids, **nothing}))["updateVariant"]["variant"]
    assert cleared == {"barcode": None, "weight": None, "compareAtPrice": None}
    assert [event["changed_fields"] for event in await events()] == [[], ["variants"], ["variants"]]
    again = (await graph(UPDATE, input={**ids, **nothing}))["updateVariant"]
    assert again["userErrors"] == []
    assert len(await events()) == 3


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"weight": {"value": -1, "unit": "g"}}, "weight.value", "TOO_SMALL"),
        ({"weight": {"value": 1_000_000.5, "unit": "g"}}, "weight.value", "TOO_LARGE"),
        ({"weight": {"value": 0.00001, "unit": "g"}}, "weight.value", "TOO_MANY_DECIMALS"),
        ({"weight": {"value": "1", "unit": "g"}}, "weight.value", "INVALID"),
        ({"weight": {"value": True, "unit": "g"}}, "weight.value", "INVALID"),
        ({"weight": {"value": 1}}, "weight.unit", "REQUIRED"),
        ({"weight": {"value": 1, "unit": "stone"}}, "weight.unit", "INVALID"),
        ({"weight": 1}, "weight", "INVALID"),
        ({"barcode": "1" * 65}, "barcode", "TOO_LONG"),
        ({"compare_at_price": 1.005}, "compare_at_price", "TOO_MANY_DECIMALS"),
    ],
)
async def test_what_is_no_weight_is_refused_and_changes_nothing(
    rest: Client, make_product: MakeProduct, given: Any, field: str, code: str
) -> None:
    product = await mug(make_product)
    path = f"/v2/products/{product.id}/variants/{product.variants[0].id}"
    before = (await rest("GET", path)).json()
    answer = await rest("PUT", path, json=given)
    details = answer.json()["error"]["details"]
    assert (answer.status_code, details[0]["field"], details[0]["code"]) == (422, field, code)
    assert (await rest("GET", path)).json() == before


async def test_a_product_that_is_echoed_keeps_them(rest: Client, make_product: MakeProduct, events: Events) -> None:
    product = await mug(make_product)
    document = (await rest("GET", f"/v2/products/{product.id}")).json()
    assert (await rest("PUT", f"/v2/products/{product.id}", json=document)).json() == document
    assert len(await events()) == 1


async def test_a_variant_is_found_by_id_and_by_sku_in_any_case(
    rest: Client, graph: Graph, make_product: MakeProduct
) -> None:
    product = await mug(make_product)
    variant = product.variants[1].id
    document = (await rest("GET", f"/v2/products/{product.id}/variants/{variant}")).json()
    for key in (variant, "MUG-2", "mug-2"):
        assert (await rest("GET", f"/v2/variants/{key}")).json() == document
    assert document["product_id"] == product.id
    assert (await graph(VARIANT, sku="mug-2"))["variant"]["id"] == variant
    for key in ("MUG", "NONE", "var_" + "0" * 26, product.id):  # MUG is the product's alone
        assert (await rest("GET", f"/v2/variants/{key}")).status_code == 404
        assert (await graph(VARIANT, sku=key))["variant"] is None
    assert (await graph(VARIANT, id="var_nonsense"))["variant"] is None


async def test_the_default_variant_shares_the_sku_of_its_product(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product(sku="PLAIN")
    assert (await rest("GET", "/v2/variants/plain")).json()["id"] == product.variants[0].id


async def test_a_variant_is_asked_for_by_exactly_one_name(rest: Client) -> None:
    for query in ("{ variant { id } }", '{ variant(id: "var_x", sku: "x") { id } }'):
        answer = await rest("POST", "/graphql", json={"query": query})
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_events_from_before_there_were_weights_are_still_shown() -> None:
    old = {
        "id": "prod_1",
        "name": "Mug",
        "images": [],
        "categories": [],
        "created_at": "2026-01-01T00:00:00+00:00",
        "variants": [{"id": "var_1", "image_id": None, "created_at": "2026-01-01T00:00:00+00:00"}],
    }
    row = catalog.snapshot.product_row(old)
    (variant,) = row.owned[catalog.reads.variants_by_product]
    assert (variant.weight, variant.weight_unit, variant.barcode, variant.compare_at_price) == (None,) * 4
