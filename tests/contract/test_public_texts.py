"""The words of the public texts: plain terms of the field, and the same text for the same member on both surfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, get_named_type
from prometheus_client import CollectorRegistry

from domain.kernel.documents import Document
from gateway.cli import app
from gateway.execution import StrawberryEngine
from gateway.settings import Settings
from gateway.telemetry.delivery_metrics import DeliveryMetrics
from gateway.telemetry.metrics import Metrics
from rest_compat import openapi

ROOT = Path(__file__).parents[2]
SCHEMA = StrawberryEngine().schema
DOCUMENT = openapi.document()
REPLACED = re.compile(
    r"\b(tells?|told|hears?|heard|spoken|speech|asking|answers?|answered|whoever|somebody|nobody|things?|lies|lay|"
    r"wanted|judges?|doors?|pictures?|parcels?|comes? to|came of|given back|take back|"
    r"patience|patient|hopeless|in hand|under way|let go|made when left out)\b",
    re.IGNORECASE,
)
"""Words that the glossary replaces (docs/glossary.md)."""
ASKED = re.compile(r"\b(asks?|asked|said)\b", re.IGNORECASE)
"""Request, query; write. Texts of carriers have them still."""
NAMES = re.compile(r"Finding things|limit behind the doors")
"""Of a section, and of a contestant in reports that are measured."""
RENAMED = {
    "ApiKey": "Key",
    "AuditEntry": "Audit",
    "Customer": "CustomerProfile",
    "DraftOrderItem": "Line",
    "InventoryAlert": "Alert",
    "InventoryLevel": "Level",
    "InventoryMovement": "Movement",
    "ProductImage": "Image",
    "ProductVariant": "Variant",
    "ProductVariantSnapshot": "VariantSnapshot",
    "ReportSpan": "ReportPeriod",
    "ShippingBox": "Box",
    "WebhookAttempt": "Attempt",
    "WebhookDelivery": "Delivery",
}
"""GraphQL types to the REST documents that have another name. All others are found by their name."""
REST_ONLY = {
    "Adjusted": "the result of one operation",
    "AdjustmentResult": "one of the results of a bulk",
    "Amount": "GraphQL's is Money, which has its own form",
    "AssignedOrders": "the result of one operation",
    "Disclosure": "the data export of a person, which GraphQL returns as JSON",
    "EventData": "a part of the event that GraphQL has as fields of the event",
    "ExportedNote": "a part of the data export",
    "ExportedReturnStatusChange": "a part of the data export",
    "ExportedStatusChange": "a part of the data export",
    "ExportedTrackingEvent": "a part of the data export",
    "Location": "the level that the platform document nests in the stock of a product",
    "Problem": "GraphQL's is UserError, whose path has another form",
    "ProductResult": "one of the results of a bulk",
    "Redelivery": "the result of one operation",
    "StockSet": "the result of one operation",
    "StoreLevel": "the level with its product, which GraphQL has as a relation",
    "StoredResponse": "a part of the data export",
    "Transferred": "the result of one operation",
}
"""REST documents without a GraphQL type, and why."""
DIFFERENT = {
    "Product.categories",
    "ProductVariant.image",
    "ProductVariant.price",
    "ProductVariantSnapshot.image",
    "ProductVariantSnapshot.price",
    "PaymentIntent.nextAction",
}
"""Members that hold another value on each surface, as the platform document has them."""
DIFFERENT_TYPES = {
    "DraftOrderItem": "REST has one document for the lines of orders and of drafts",
    "Event": "GraphQL has the current object beside the snapshot",
    "Customer": "the REST document of a request has the totals of orders, which are a relation in GraphQL",
}
"""Types whose descriptions differ, and why."""


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


def command_texts(command: Any = None, path: str = "gateway") -> Iterator[tuple[str, str]]:
    """Every help text of the command line."""
    command = typer.main.get_command(app) if command is None else command
    yield path, command.help or ""
    for parameter in command.params:
        yield f"{path} {parameter.name}", getattr(parameter, "help", None) or ""
    for name, each in getattr(command, "commands", {}).items():
        yield from command_texts(each, f"{path} {name}")


def target_texts() -> Iterator[tuple[str, str]]:
    """What ``make help`` prints."""
    return iter(re.findall(r"^([a-z-]+):.*## (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def metric_texts() -> Iterator[tuple[str, str]]:
    """Every description of a metric."""
    registry = CollectorRegistry()
    _ = Metrics(registry), DeliveryMetrics(registry)
    return ((family.name, family.documentation) for family in registry.collect())


MARKUP = re.compile(r"<(style|script).*?</\1>|<[^>]*>|\{[{%].*?[}%]\}", re.DOTALL)
CODE = re.compile(r"^```.*?^```$|`[^`]*`|\]\([^)]*\)", re.MULTILINE | re.DOTALL)
PAGES = ("README.md", "SECURITY.md", "benchmarks/README.md")
GLOSSARY = "glossary.md"
"""It has the replaced words, too."""


def template_texts() -> Iterator[tuple[str, str]]:
    """The words of the pages for users."""
    for path in sorted((ROOT / "gateway/oauth/templates").glob("*.html")):
        yield path.name, MARKUP.sub(" ", path.read_text(encoding="utf-8"))


def page_texts() -> Iterator[tuple[str, str]]:
    """The prose of README and docs, paragraph by paragraph, without code."""
    for page in (*(ROOT / name for name in PAGES), *sorted((ROOT / "docs").glob("*.md"))):
        if page.name != GLOSSARY:
            parts = CODE.sub(" ", page.read_text(encoding="utf-8")).split("\n\n")
            yield from ((f"{page.name}: {part[:60]}", part) for part in parts)


TEXTS = {
    "graphql": graphql_texts,
    "rest": rest_texts,
    "settings": setting_texts,
    "command line": command_texts,
    "make help": target_texts,
    "metrics": metric_texts,
    "pages for users": template_texts,
    "documentation": page_texts,
}


@pytest.mark.parametrize("surface", TEXTS)
def test_no_public_text_uses_a_word_that_was_replaced(surface: str) -> None:
    texts = list(TEXTS[surface]())
    assert len(texts) > 5
    assert {where: text for where, text in texts if REPLACED.search(NAMES.sub("", text))} == {}
    assert {where: text for where, text in texts if ASKED.search(text)} == {}


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


def _neutral(text: str | None) -> str:
    """A text without its line breaks, and with the names in backquotes as neither surface has them."""
    joined = " ".join((text or "").split())
    return re.sub(r"`(\w+)`", lambda found: found[0].replace("_", "").lower(), joined)


def _without_form(type_: GraphQLObjectType | GraphQLInterfaceType, name: str, text: str | None) -> str:
    """The text of a member of REST without the form of its value, which in GraphQL its type describes."""
    scalar = str(get_named_type(type_.fields[name].type))
    if scalar == "Money":
        return re.sub(r",? in minor units", "", text or "")
    return re.sub(r", as an? \w+-case ISO 4217 code", "", text or "") if scalar == "Currency" else text or ""


def _document_names(of: type[Document] = Document) -> set[str]:
    """The documents that the OpenAPI document describes."""
    found = {name for each in of.__subclasses__() for name in {each.title(), *_document_names(each)}}
    return found & set(DOCUMENT["components"]["schemas"])


def _described_types() -> dict[str, GraphQLObjectType | GraphQLInterfaceType]:
    kinds = GraphQLObjectType | GraphQLInterfaceType
    return {name: type_ for name, type_ in SCHEMA.type_map.items() if isinstance(type_, kinds)}


PAIRS = sorted({(name, name) for name in _document_names() & set(_described_types())} | set(RENAMED.items()))
"""Every GraphQL type with its REST documents."""


def test_every_document_is_compared_with_its_type() -> None:
    assert _document_names() - {document for _, document in PAIRS} == set(REST_ONLY)


@pytest.mark.parametrize(("name", "document"), PAIRS)
def test_the_same_member_has_the_same_text_on_both_surfaces(name: str, document: str) -> None:
    """Fails for a word that is changed on one surface alone."""
    type_ = _described_types()[name]
    members = DOCUMENT["components"]["schemas"][document]["properties"]
    shared = {each: members[_rest_name(each)] for each in type_.fields if _rest_name(each) in members}
    assert shared
    found = {
        f"{name}.{each}": (type_.fields[each].description, member.get("description"))
        for each, member in shared.items()
        if _neutral(type_.fields[each].description) != _neutral(_without_form(type_, each, member.get("description")))
    }
    assert set(found) <= DIFFERENT, found


@pytest.mark.parametrize(("name", "document"), PAIRS)
def test_the_same_type_has_the_same_text_on_both_surfaces(name: str, document: str) -> None:
    graphql = _neutral(_described_types()[name].description)
    rest = _neutral(DOCUMENT["components"]["schemas"][document]["description"])
    assert name in DIFFERENT_TYPES or graphql == rest
