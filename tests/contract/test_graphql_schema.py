"""What is true of the whole GraphQL schema, and what no type checker sees of fields by assignment."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    introspection_from_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

import resolvers.analytics
import resolvers.payments
import resolvers.shipping
import schema
from domain import catalog, customers, events, inventory, jobs, orders, payments, shipping, webhooks
from domain.analytics.service import custom_report, customer_figures, product_report, sales_report
from domain.jobs.imports import ReportRow
from domain.kernel import address, money, rate_limits
from domain.kernel.errors import Problem
from domain.kernel.listing import Listing, PageShape
from domain.kernel.principal import Principal, Store
from domain.kernel.reads.read import Read
from domain.kernel.use_cases.registry import USE_CASES
from resolvers.node import NODES
from resolvers.pages import Edge, ListResult, PageInfo
from resolvers.sources import (
    ChangedRowSource,
    ComputedSource,
    DerivedKeySource,
    ListSource,
    MutationSource,
    NestedListSource,
    PermittedSource,
    RelatedColumnSource,
    RelatedSource,
)
from resolvers.types import MutationResult
from schema.event_types import TYPES as EVENT_TYPES
from schema.relay import Node
from schema.row_field import RowField
from schema.strawberry_internals import core_schema, field_of

CORE = core_schema(schema.schema)
OBJECTS = {
    name: type_
    for name, type_ in CORE.type_map.items()
    if isinstance(type_, GraphQLObjectType) and not is_introspection_type(type_)
}
DESCRIBED: dict[str, type[Any]] = {
    "Address": address.Address,
    "Analytics": resolvers.analytics.Reports,
    "ChannelFigures": customer_figures.ChannelFigures,
    "Cohort": customer_figures.Cohort,
    "CohortMonth": customer_figures.CohortMonth,
    "CountryFigures": customer_figures.PlaceFigures,
    "CustomFigures": custom_report.CustomFigures,
    "CustomReport": custom_report.CustomReport,
    "CustomRow": custom_report.CustomRow,
    "NamedValue": custom_report.NamedValue,
    "CustomerReport": customer_figures.CustomerReport,
    "CustomerValue": customer_figures.CustomerValue,
    "LifetimeValue": customer_figures.LifetimeValue,
    "RegionFigures": customer_figures.PlaceFigures,
    "SegmentFigures": customer_figures.SegmentFigures,
    "CarrierRate": resolvers.shipping.CarrierRate,
    "CarrierService": resolvers.shipping.CarrierService,
    "CarrierZone": resolvers.shipping.CarrierZone,
    "CardSummary": payments.ports.CardSummary,
    "ImportReportPage": jobs.ImportReportPage,
    "ImportReportRow": ReportRow,
    "JobProgress": jobs.reads.job_by_id.compiled.row,
    "LedgerBalance": payments.LedgerBalance,
    "Money": money.Money,
    "PageInfo": PageInfo,
    "PaymentAction": resolvers.payments.PaymentAction,
    "PaymentError": resolvers.payments.PaymentError,
    "CarrierAccount": resolvers.shipping.CarrierAccount,
    "ExchangeRate": resolvers.shipping.ExchangeRate,
    "ProductFigures": product_report.ProductFigures,
    "ProductReport": product_report.ProductReport,
    "ReportedProduct": product_report.ReportedProduct,
    "PreviousSales": sales_report.PreviousSales,
    "ReportSpan": sales_report.ReportSpan,
    "SalesFigures": sales_report.SalesFigures,
    "SalesGroup": sales_report.SalesGroup,
    "SalesPoint": sales_report.SalesPoint,
    "SalesReport": sales_report.SalesReport,
    "RateLimit": rate_limits.RateLimitUsage,
    "RateLimitWindow": rate_limits.WindowUsage,
    "ShippingBox": resolvers.shipping.ShippingBox,
    "ShippingMethod": orders.model.settings.ShippingMethod,
    "ShippingRate": shipping.ports.Rate,
    "ShippingRates": shipping.ShippingRates,
    "Shop": Store,
    "TaxRate": orders.model.settings.TaxRate,
    "UnavailableCarrier": shipping.ports.UnavailableRate,
    "UserError": Problem,
    "Viewer": Principal,
    "Weight": catalog.Weight,
    "WebhookAttempt": webhooks.DeliveryAttempt,
}
"""Types whose values are objects of the domain or the resolvers, not rows of a read."""
THEN: dict[str, tuple[Read, dict[str, Any]]] = {
    "CustomerAddressSnapshot": (customers.reads.address_by_id, {}),
    "CustomerSnapshot": (customers.reads.customer_by_id, {}),
    "InventoryAlertSnapshot": (inventory.reads.alert_by_id, {}),
    "InventoryLevelSnapshot": (inventory.reads.levels_by_product, {}),
    "InventorySnapshot": (inventory.reads.inventory_by_product, {"alert": None}),
    "OrderItemSnapshot": (orders.reads.item_by_id, {}),
    "OrderSnapshot": (orders.reads.order_by_id, {}),
    "PaymentSnapshot": (payments.reads.payment_by_id, {}),
    "ProductImageSnapshot": (catalog.reads.image_by_id, {}),
    "ProductSnapshot": (catalog.reads.product_by_id, {"categories": None}),
    "ProductVariantSnapshot": (catalog.reads.variant_by_id, {}),
    "RefundSnapshot": (payments.reads.refund_by_id, {}),
    "ShipmentPackageSnapshot": (shipping.reads.package_by_id, {}),
    "ShipmentSnapshot": (shipping.reads.shipment_by_id, {}),
}
"""Types of snapshots: they store columns of the reads of their objects, and these besides."""


def fields() -> Iterator[tuple[str, str, GraphQLField, Any]]:
    """Every field: its type's name, its own, graphql-core's field and Strawberry's."""
    for type_name, type_ in OBJECTS.items():
        for name, field in type_.fields.items():
            yield type_name, name, field, field_of(field)


def rows() -> dict[str, list[type[Any]]]:
    """The classes of the values that each type describes."""
    found: dict[str, list[type[Any]]] = defaultdict(list)
    for name, class_ in DESCRIBED.items():
        found[name].append(class_)
    for name, (read, besides) in THEN.items():
        found[name].append(type(name, (read.compiled.row,), besides))
    for event in EVENT_TYPES:
        found[event.__name__].append(events.reads.event_by_id.compiled.row)
    for prefix, kind in NODES.items():
        for read in kind.reads:
            name = Node.PREFIXES[prefix]
            if isinstance(name, str):
                found[name].append(read.compiled.row)
    found["DraftOrderItem"].append(orders.reads.draft_item_by_id.compiled.row)
    found["OrderItem"].append(orders.reads.item_by_id.compiled.row)
    for _, _, field, row_field in fields():
        target = get_named_type(field.type).name
        source = getattr(row_field, "source", None)
        if isinstance(source, RelatedSource | ChangedRowSource):
            found[target].append(source.read.compiled.row)
        elif isinstance(source, DerivedKeySource):
            found[target].extend(read.compiled.row for read in source.reads)
        elif isinstance(source, ListSource):
            found[target].append(ListResult)
            edge = get_named_type(OBJECTS[target].fields["edges"].type)
            found[edge.name].append(Edge)
            found[get_named_type(OBJECTS[edge.name].fields["node"].type).name].append(row_of(source.listing))
        elif isinstance(source, MutationSource):
            found[target].append(MutationResult)
    return found


def row_of(listing: Listing) -> type[Any]:
    sort = next(iter(listing.sorts))
    return listing.compiled_page(PageShape((), sort, descending_scan=True, from_cursor=False, searching=False)).row


ROWS = rows()
REGISTER_AREAS = {
    str(field.type).rstrip("!"): (field_of(field).source.use_case.scope or "").partition(":")[0]
    for field in OBJECTS["Mutation"].fields.values()
}
"""The area whose scope each payload's mutation needs."""


def test_every_key_and_column_that_a_field_names_is_there() -> None:
    checked = 0
    for type_name, name, _, field in fields():
        if type_name in ("Query", "Mutation", "Subscription"):
            continue
        assert ROWS[type_name], f"nothing is known of the values of {type_name}"
        source = getattr(field, "source", None)
        for row in ROWS[type_name]:
            known = {*dir(row), *getattr(row, "__dataclass_fields__", ())}
            if isinstance(source, RelatedSource | RelatedColumnSource | NestedListSource):
                needed = {source.key, *_instead(source), *getattr(source, "narrowed", {}).values()}
            elif isinstance(source, ComputedSource | PermittedSource | DerivedKeySource):
                needed = set(source.columns)
            else:
                needed = set() if isinstance(field, RowField) else {field.python_name}
            assert needed <= known, f"{type_name}.{name} needs {needed - known} of {row}"
            checked += len(needed)
    assert checked > 100


def _instead(source: Any) -> tuple[str, ...]:
    """The key of the read that some rows are read by instead."""
    return (source.instead[1],) if isinstance(source, RelatedSource) and source.instead is not None else ()


def test_every_figure_is_a_column_of_its_read() -> None:
    figures = [
        field.source for _, _, _, field in fields() if isinstance(getattr(field, "source", None), RelatedColumnSource)
    ]
    assert figures
    for figure in figures:
        assert hasattr(figure.read.compiled.row, figure.column)


def test_lists_are_read_by_reads_of_many() -> None:
    for type_name, name, field, row_field in fields():
        source = getattr(row_field, "source", None)
        if isinstance(source, RelatedSource | ChangedRowSource):
            assert source.read.many is str(field.type).startswith("["), f"{type_name}.{name}"


def test_every_field_that_reads_needs_the_scope_of_what_it_reads() -> None:
    for type_name, name, _, field in fields():
        source = getattr(field, "source", None)
        if isinstance(source, RelatedSource | RelatedColumnSource):
            assert field.scopes == source.read.scopes, f"{type_name}.{name}"
            instead = getattr(source, "instead", None)
            assert instead is None or instead[0].scopes == field.scopes, f"{type_name}.{name}"
        elif isinstance(source, DerivedKeySource):
            assert {read.scopes for read in source.reads} == {field.scopes}, f"{type_name}.{name}"
        elif isinstance(source, ListSource):
            assert field.scopes == source.listing.scopes, f"{type_name}.{name}"
        elif isinstance(source, MutationSource):
            assert field.scopes == ((source.use_case.scope,) if source.use_case.scope else ()), f"{type_name}.{name}"
        elif isinstance(source, ChangedRowSource):
            own = REGISTER_AREAS[type_name] == (source.read.scope or "").partition(":")[0]
            shown = () if own else source.read.scopes  # who writes a thing is shown it, and nothing of other areas
            assert field.scopes == shown, f"{type_name}.{name}"


def test_a_field_of_an_interface_needs_the_same_scopes_on_each_type() -> None:
    """What an operation needs is read from its fields as they stand in it, which may be those of interfaces."""
    different = [
        f"{type_.name}.{name}"
        for type_ in CORE.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for interface in type_.interfaces
        for name, field in interface.fields.items()
        if getattr(field_of(field), "scopes", ()) != getattr(field_of(type_.fields[name]), "scopes", ())
    ]
    assert different == []


def test_every_use_case_has_one_mutation() -> None:
    bound = [field.source.use_case.name for name, _, _, field in fields() if name == "Mutation"]
    assert sorted(bound) == sorted(USE_CASES)


def test_a_mutation_is_named_after_its_command_and_so_are_its_input_and_payload() -> None:
    for name, field in OBJECTS["Mutation"].fields.items():
        use_case = field_of(field).source.use_case
        command = use_case.command.__name__
        assert name == command[0].lower() + command[1:]
        if use_case.bulk:  # its inputs are those of the single change
            assert str(field.args["input"].type) == f"[{get_named_type(field.args['input'].type)}!]!"
            assert set(field.args) == {"input", "errorPolicy"}
        else:
            assert str(field.args["input"].type) == f"{command}Input!"
            assert get_named_type(field.args["input"].type).description == f"Input of `{name}`."
        assert str(field.type) == f"{command}Payload!"
        assert "userErrors" in OBJECTS[f"{command}Payload"].fields


FILTERS_OF_THEIR_OWN = {
    "InventoryLedgerFilter": "the movements of the store: those of a product have InventoryMovementFilter",
    "EventStreamFilter": "live events are also selected by conditions",
}


def test_filter_and_sort_of_a_list_are_named_after_its_type() -> None:
    """``AuditEntryFilter`` for lists of ``AuditEntry``; two words for one type cannot be searched for."""
    for type_ in OBJECTS.values():
        for name, field in type_.fields.items():
            listed = get_named_type(field.type).name.removesuffix("Connection")
            for argument, suffix in (("filter", "Filter"), ("sort", "Sort")):
                if argument in field.args:
                    found = get_named_type(field.args[argument].type).name
                    assert found in {f"{listed}{suffix}", *FILTERS_OF_THEIR_OWN}, (type_.name, name)


def test_no_two_enums_have_the_same_values() -> None:
    """Enums of one value, and the columns that lists are sorted by, may coincide."""
    by_values = defaultdict(list)
    for name, type_ in CORE.type_map.items():
        is_sort = name.endswith("SortField")
        if isinstance(type_, GraphQLEnumType) and not (
            is_introspection_type(type_) or is_sort or len(type_.values) == 1
        ):
            by_values[frozenset(type_.values)].append(name)
    assert [names for names in by_values.values() if len(names) > 1] == []


def test_everything_with_an_id_of_its_own_kind_is_found_by_it() -> None:
    nodes = {type_.name for type_ in CORE.get_implementations(interface("Node")).objects}
    assert {*NODES, "store"} == set(Node.PREFIXES)
    named = {name for name in Node.PREFIXES.values() if isinstance(name, str)}
    assert nodes == named | {"OrderItem", "DraftOrderItem"} | {event.__name__ for event in EVENT_TYPES}
    assert all(not read.many for kind in NODES.values() for read in kind.reads)
    assert all(len({read.scopes for read in kind.reads}) == 1 for kind in NODES.values())


def interface(name: str) -> GraphQLInterfaceType:
    type_ = CORE.type_map[name]
    assert isinstance(type_, GraphQLInterfaceType)
    return type_


def texts(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Every description that a type has room for."""
    yield type_.name, type_.description
    if isinstance(type_, GraphQLEnumType):
        yield from ((f"{type_.name}.{name}", value.description) for name, value in type_.values.items())
    if isinstance(type_, GraphQLInputObjectType):
        yield from ((f"{type_.name}.{name}", field.description) for name, field in type_.fields.items())
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field.description
            yield from ((f"{type_.name}.{name}({key}:)", value.description) for key, value in field.args.items())


@pytest.mark.parametrize(
    "type_",
    [
        type_
        for type_ in CORE.type_map.values()
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
    ],
    ids=lambda type_: type_.name,
)
def test_everything_is_described(type_: GraphQLNamedType) -> None:
    for name, description in texts(type_):
        assert description, name
        assert re.match(r"[A-Z*<\d]|[a-z]+[A-Z]|[a-z]+[, ]", description), f"{name}: {description}"
        assert description.rstrip().endswith((".", "}.", "?")), f"{name}: {description}"


def test_a_client_can_read_the_whole_schema_with_its_defaults() -> None:
    """What a mutation of many takes by a factory of dataclasses had ``MISSING`` as its default, and answered 500."""
    read = introspection_from_schema(CORE)["__schema"]
    mutation = next(each for each in read["types"] if each["name"] == "Mutation")
    many = next(each for each in mutation["fields"] if each["name"] == "updateProducts")
    assert {each["name"]: each["defaultValue"] for each in many["args"]} == {
        "input": None,
        "errorPolicy": "ALL_OR_NONE",
    }
