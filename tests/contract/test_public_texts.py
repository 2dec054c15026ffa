"""The words of the public texts: plain terms of the field, and the same text for the same member on both surfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, get_named_type

from gateway.execution import StrawberryEngine
from gateway.settings import Settings
from rest_compat import openapi

SCHEMA = StrawberryEngine().schema
DOCUMENT = openapi.document()
REPLACED = re.compile(
    r"\b(tells?|told|hears?|heard|spoken|speech|asks|asking|answers?|answered|whoever|somebody|nobody|things?|lies|lay|"
    r"wanted|judges?|doors?|pictures?|parcels?|comes? to|came of|given back|take back|"
    r"patience|patient|hopeless|in hand|under way|let go|made when left out)\b",
    re.IGNORECASE,
)
"""Words that the glossary replaces (docs/glossary.md)."""
DOCUMENTS = {
    "ApiKey": "Key",
    "AuditEntry": "Audit",
    "Category": "Category",
    "CardSummary": "CardSummary",
    "Customer": "CustomerProfile",
    "CustomerAddress": "CustomerAddress",
    "Dispute": "Dispute",
    "DisputeFile": "DisputeFile",
    "DraftOrder": "DraftOrder",
    "Inventory": "Inventory",
    "InventoryAlert": "Alert",
    "InventoryLevel": "Level",
    "InventoryMovement": "Movement",
    "LedgerBalance": "LedgerBalance",
    "LedgerTransfer": "LedgerTransfer",
    "OAuthClient": "OAuthClient",
    "OAuthGrant": "OAuthGrant",
    "Order": "Order",
    "OrderItem": "OrderItem",
    "OrderNote": "OrderNote",
    "OrderStatusChange": "OrderStatusChange",
    "OrderSummary": "OrderSummary",
    "Payment": "Payment",
    "PaymentError": "PaymentError",
    "PaymentIntent": "PaymentIntent",
    "PaymentSettings": "PaymentSettings",
    "Product": "Product",
    "ProductImage": "Image",
    "ProductVariant": "Variant",
    "PurchaseOrder": "PurchaseOrder",
    "PurchaseOrderLine": "PurchaseOrderLine",
    "Refund": "Refund",
    "Settings": "Settings",
    "ShippingMethod": "ShippingMethod",
    "Shop": "Shop",
    "TaxRate": "TaxRate",
    "TrustedDocument": "TrustedDocument",
    "Viewer": "Viewer",
    "Warehouse": "Warehouse",
    "Webhook": "Webhook",
    "WebhookAttempt": "Attempt",
    "WebhookDelivery": "Delivery",
    "Weight": "Weight",
}
"""GraphQL type to REST document."""
DIFFERENT = {"Product.categories", "ProductVariant.price", "ProductVariant.image", "PaymentIntent.nextAction"}
"""Members that hold another value on each surface, as the platform document has them."""


def graphql_texts() -> Iterator[tuple[str, str]]:
    """Every description of the schema."""
    for name, type_ in SCHEMA.type_map.items():
        if name.startswith("__"):
            continue
        yield name, type_.description or ""
        for field_name, field in getattr(type_, "fields", {}).items():
            yield f"{name}.{field_name}", field.description or ""
            for argument_name, argument in getattr(field, "args", {}).items():
                yield f"{name}.{field_name}({argument_name}:)", argument.description or ""
        for value_name, value in getattr(type_, "values", {}).items():
            yield f"{name}.{value_name}", value.description or ""


def rest_texts(value: Any = DOCUMENT, path: str = "") -> Iterator[tuple[str, str]]:
    """Every summary and description of the OpenAPI document."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("description", "summary") and isinstance(member, str):
                yield f"{path}/{name}", member
            elif name not in ("example", "examples", "default"):
                yield from rest_texts(member, f"{path}/{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from rest_texts(member, f"{path}/{index}")


def setting_texts() -> Iterator[tuple[str, str]]:
    """Every description of a setting."""
    for name, field in Settings.model_fields.items():
        yield name, field.description or ""


TEXTS = {"graphql": graphql_texts, "rest": rest_texts, "settings": setting_texts}


@pytest.mark.parametrize("surface", TEXTS)
def test_no_public_text_uses_a_word_that_was_replaced(surface: str) -> None:
    texts = list(TEXTS[surface]())
    assert len(texts) > 20
    assert {where: text for where, text in texts if REPLACED.search(text)} == {}


@pytest.mark.parametrize("surface", ["graphql", "rest"])
def test_every_public_text_is_there_and_is_a_sentence(surface: str) -> None:
    for where, text in TEXTS[surface]():
        assert text, where
        assert text[0].isupper() or not text[0].isalpha(), (where, text)


def platform_names() -> set[str]:
    """The names with an underscore that REST has for members, parameters and values of enums."""
    schemas = DOCUMENT["components"]["schemas"].values()
    names = {member for each in schemas for member in each.get("properties", {})}
    operations = [each for path in DOCUMENT["paths"].values() for each in path.values() if isinstance(each, dict)]
    names |= {
        parameter["name"] for each in operations for parameter in each.get("parameters", ()) if "name" in parameter
    }
    enums = [type_ for type_ in SCHEMA.type_map.values() if isinstance(type_, GraphQLEnumType)]
    names |= {str(value.value) for each in enums for value in each.values.values()}
    return {name for name in names if "_" in name and name == name.lower()}


def test_the_schema_names_members_and_values_as_it_has_them() -> None:
    """Rules of fields are shared with REST, whose names they are written in."""
    names = platform_names()
    assert {"start_date", "weight_unit", "all_or_none", "at_risk"} <= names
    found = {
        where: named
        for where, text in graphql_texts()
        if (named := names & set(re.findall(r"(?<![/.\w])[a-z]+(?:_[a-z0-9]+)+", text)))
    }
    assert found == {}


def test_the_schema_names_the_values_of_its_enums_as_it_has_them() -> None:
    """Those of one word, which are written as such in REST. A field of the same input may have the same name."""
    found = {}
    for name, type_ in SCHEMA.type_map.items():
        if not isinstance(type_, GraphQLInputObjectType):
            continue
        enums = [
            each for field in type_.fields.values() if isinstance(each := get_named_type(field.type), GraphQLEnumType)
        ]
        values = {str(value.value) for each in enums for value in each.values.values()} - set(type_.fields)
        for field_name, field in type_.fields.items():
            if named := values & set(re.findall(r"`(\w+)`", field.description or "")):
                found[f"{name}.{field_name}"] = named
    assert found == {}


def test_a_limit_of_one_length_is_written_once() -> None:
    for texts in (graphql_texts, rest_texts):
        assert [where for where, text in texts() if re.search(r"(?<![\d,])([\d,]+) to \1 ", text)] == []


def _rest_name(name: str) -> str:
    return re.sub(r"([A-Z]|[0-9]+)", lambda found: f"_{found.group(1).lower()}", name)


def _is_money(type_: GraphQLObjectType, name: str) -> bool:
    return str(get_named_type(type_.fields[name].type)) == "Money"


def _of_money(text: str) -> str:
    """The text of an amount without its unit, which REST's payments have: Money says it by itself."""
    return re.sub(r",? in minor units", "", text)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_member_has_the_same_text_on_both_surfaces(name: str) -> None:
    """Fails for a word that is changed on one surface alone."""
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    members = DOCUMENT["components"]["schemas"][DOCUMENTS[name]]["properties"]
    shared = {each: members[_rest_name(each)] for each in type_.fields if _rest_name(each) in members}
    assert len(shared) > 1
    found = {
        f"{name}.{each}": (type_.fields[each].description, member.get("description"))
        for each, member in shared.items()
        if type_.fields[each].description
        != (_of_money(member["description"]) if _is_money(type_, each) else member.get("description"))
    }
    assert set(found) <= DIFFERENT, found
