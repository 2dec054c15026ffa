"""Whatever one surface can do, the other can, with the same result and the same events.

Every use case of the catalog is asked for by REST in one shop and by GraphQL in another that began the same; then both
shops must read the same, and have announced the same. Refusals must name the same field and code.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType

from domain import access, catalog, customers, events, inventory, jobs, orders, payments, shipping, webhooks
from domain.analytics import ProductViews
from domain.catalog.commands import ImageInput, VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.database import Database
from domain.kernel.listing import Listing
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Principal
from domain.kernel.reads.read import Read
from domain.kernel.use_cases.registry import USE_CASES
from resolvers.node import NODES
from resolvers.sources import ListSource, MutationSource
from resolvers.wire_format import WIRE_FORMAT
from rest_compat import ENDPOINTS
from rest_compat.actions import WriteAction
from schema.strawberry_internals import field_of
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.contract.document_fixtures import trust
from tests.contract.job_fixtures import queue, upload
from tests.contract.oauth_fixtures import authorize
from tests.contract.operations import CORE, mutation_of, root_fields
from tests.contract.parity_of_access import CASES as DOCUMENTS
from tests.contract.parity_of_analytics import CASES as ANALYTICS
from tests.contract.parity_of_customers import CASES as CUSTOMERS
from tests.contract.parity_of_inventory import CASES as INVENTORY
from tests.contract.parity_of_jobs import CASES as JOBS
from tests.contract.parity_of_orders import CASES as ORDERS
from tests.contract.parity_of_payments import CASES as PAYMENTS
from tests.contract.parity_of_payments import LIVE
from tests.contract.parity_of_shipping import CASES as SHIPPING
from tests.contract.parity_of_webhooks import CASES as WEBHOOKS
from tests.contract.payment_fixtures import charge
from tests.contract.shipping_fixtures import send
from tests.contract.store_fixtures import sell
from tests.contract.webhook_fixtures import hook
from tests.store_copies import TemplateStores

Ids = Mapping[str, str]
Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to ask for, as each surface says it. ``rest`` gives method, path and body, ``graphql`` the input."""

    case: str
    rest: Callable[[Ids], tuple[str, str, Given | bytes | None]]
    graphql: Callable[[Ids], Given]
    refused: str | None = None
    """The code of the refusal, where it is one."""

    @property
    def pays(self) -> bool:
        """Whether it is asked of test stores, since live ones have no processor here and no sandbox."""
        return self.case.startswith(("payments.", "shipping.")) and self.case != LIVE


IMAGE = "https://images.example.com/new.jpg"
NEW_VARIANT = {"sku": "NEW-V", "attributes": {"size": "L"}, "inventory": 4, "image": IMAGE}


def product(ids: Ids, tail: str = "") -> str:
    return f"/v2/products/{ids['prod']}{tail}"


def money(amount: str) -> Given:
    return {"amount": amount}


OTHER_AREAS = (CUSTOMERS, INVENTORY, ORDERS, PAYMENTS, SHIPPING, WEBHOOKS, JOBS, DOCUMENTS, ANALYTICS)
ASKED: tuple[Asked, ...] = (
    Asked(
        "catalog.create_product",
        lambda _: ("POST", "/v2/products", {"name": " Lamp ", "price": 12.5, "sku": "LAMP", "tags": ["a", "A"]}),
        lambda _: {"name": " Lamp ", "price": money("12.5"), "sku": "LAMP", "tags": ["a", "A"]},
    ),
    Asked(
        "catalog.create_product",
        lambda _: (
            "POST",
            "/v2/products",
            {
                "name": "Lamp",
                "description": "Bright",
                "price": 12,
                "sku": "LAMP",
                "status": "draft",
                "categories": ["light", "home"],
                "metadata": {"a": {"b": [1, 2.5, None]}},
                "images": [IMAGE, {"url": "https://images.example.com/2.jpg", "alt": "2", "position": 0}],
                "variants": [{**NEW_VARIANT, "price": 13.99, "cost": 1}, {"sku": "LAMP", "price": None}],
            },
        ),
        lambda _: {
            "name": "Lamp",
            "description": "Bright",
            "price": money("12"),
            "sku": "LAMP",
            "status": "DRAFT",
            "categories": ["light", "home"],
            "metadata": {"a": {"b": [1, 2.5, None]}},
            "images": [{"url": IMAGE}, {"url": "https://images.example.com/2.jpg", "alt": "2", "position": 0}],
            "variants": [
                {**NEW_VARIANT, "price": money("13.99"), "cost": money("1")},
                {"sku": "LAMP", "price": None},
            ],
        },
    ),
    Asked(
        "catalog.create_product",
        lambda _: ("POST", "/v2/products", {"name": "Lamp", "price": 12, "sku": "mug-blue"}),
        lambda _: {"name": "Lamp", "price": money("12"), "sku": "mug-blue"},
        refused="TAKEN",
    ),
    Asked(
        "catalog.create_product",
        lambda _: ("POST", "/v2/products", {"name": " ", "price": 1.005, "sku": "a/b", "variants": []}),
        lambda _: {"name": " ", "price": money("1.005"), "sku": "a/b", "variants": []},
        refused="TOO_SHORT",
    ),
    Asked(
        "catalog.update_product",
        lambda ids: (
            "PUT",
            product(ids),
            {
                "name": "Blue mug",
                "price": 6,
                "metadata": {"kept": 1, "gone": None},
                "categories": [],
                "tags": ["x"],
                "variants": [{"id": ids["var"], "cost": 2}, {"sku": "MUG-RED", "inventory": 9}],
                "images": [{"id": ids["img"], "url": "https://images.example.com/1.jpg", "alt": None}],
            },
        ),
        lambda ids: {
            "id": ids["prod"],
            "name": "Blue mug",
            "price": money("6"),
            "metadata": {"kept": 1, "gone": None},
            "categories": [],
            "tags": ["x"],
            "variants": [{"id": ids["var"], "cost": money("2")}, {"sku": "MUG-RED", "inventory": 9}],
            "images": [{"id": ids["img"], "url": "https://images.example.com/1.jpg", "alt": None}],
        },
    ),
    Asked(
        "catalog.update_product",
        lambda ids: ("PUT", product(ids), {"name": "Mug"}),
        lambda ids: {"id": ids["prod"], "name": "Mug"},
    ),
    Asked(
        "catalog.update_product",
        lambda ids: ("PUT", product(ids), {"name": "Cup", "version": 7}),
        lambda ids: {"id": ids["prod"], "name": "Cup", "expectedVersion": 7},
        refused="VERSION_MISMATCH",
    ),
    Asked(
        "catalog.update_product",
        lambda ids: ("PUT", product(ids), {"variants": [{"id": "var_x", "cost": 1}]}),
        lambda ids: {"id": ids["prod"], "variants": [{"id": "var_x", "cost": money("1")}]},
        refused="NOT_FOUND",
    ),
    Asked(
        "catalog.update_product",
        lambda ids: ("PUT", product(ids), {"status": "archived"}),
        lambda ids: {"id": ids["prod"], "status": "ARCHIVED"},
    ),
    Asked(
        "catalog.update_products",
        lambda ids: (
            "POST",
            "/v2/products/bulk",
            {"input": [{"id": ids["prod"], "name": "Cup", "version": 1}, {"id": ids["plate"], "price": 6}]},
        ),
        lambda ids: {
            "input": [
                {"id": ids["prod"], "name": "Cup", "expectedVersion": 1},
                {"id": ids["plate"], "price": money("6")},
            ]
        },
    ),
    Asked(
        "catalog.update_products",
        lambda ids: (
            "POST",
            "/v2/products/bulk",
            {
                "input": [
                    {"id": ids["prod"], "name": "Cup"},
                    {"id": ids["plate"], "sku": "mug-red"},
                    {"id": ids["plate"], "price": -1, "name": ""},
                    {"id": "prod_x", "name": "Cup"},
                ]
            },
        ),
        lambda ids: {
            "input": [
                {"id": ids["prod"], "name": "Cup"},
                {"id": ids["plate"], "sku": "mug-red"},
                {"id": ids["plate"], "price": money("-1"), "name": ""},
                {"id": "prod_x", "name": "Cup"},
            ]
        },
        refused="TAKEN",
    ),
    Asked(
        "catalog.archive_products",
        lambda ids: (
            "POST",
            "/v2/products/bulk/archive",
            {"input": [{"id": ids["prod"]}, {"id": ids["plate"]}], "error_policy": "skip"},
        ),
        lambda ids: {"input": [{"id": ids["prod"]}, {"id": ids["plate"]}], "errorPolicy": "SKIP"},
    ),
    Asked(
        "catalog.archive_products",
        lambda ids: ("POST", "/v2/products/bulk/archive", {"input": [{"id": ids["prod"], "version": 9}]}),
        lambda ids: {"input": [{"id": ids["prod"], "expectedVersion": 9}]},
        refused="VERSION_MISMATCH",
    ),
    Asked("catalog.archive_product", lambda ids: ("DELETE", product(ids), None), lambda ids: {"id": ids["prod"]}),
    Asked(
        "catalog.add_variant",
        lambda ids: ("POST", product(ids, "/variants"), {**NEW_VARIANT, "price": 3}),
        lambda ids: {"productId": ids["prod"], **NEW_VARIANT, "price": money("3")},
    ),
    Asked(
        "catalog.add_variant",
        lambda ids: ("POST", product(ids, "/variants"), {"sku": "MUG-BLUE"}),
        lambda ids: {"productId": ids["prod"], "sku": "MUG-BLUE"},
        refused="TAKEN",
    ),
    Asked(
        "catalog.update_variant",
        lambda ids: ("PUT", product(ids, f"/variants/{ids['var']}"), {"price": None, "sku": "V2", "inventory": 1}),
        lambda ids: {"productId": ids["prod"], "id": ids["var"], "price": None, "sku": "V2", "inventory": 1},
    ),
    Asked(
        "catalog.remove_variant",
        lambda ids: ("DELETE", product(ids, f"/variants/{ids['var']}"), None),
        lambda ids: {"productId": ids["prod"], "id": ids["var"]},
    ),
    Asked(
        "catalog.add_image",
        lambda ids: ("POST", product(ids, "/images"), {"url": IMAGE, "alt": "New", "position": 0}),
        lambda ids: {"productId": ids["prod"], "url": IMAGE, "alt": "New", "position": 0},
    ),
    Asked(
        "catalog.add_image",
        lambda ids: ("POST", product(ids, "/images"), {"url": "ftp://x"}),
        lambda ids: {"productId": ids["prod"], "url": "ftp://x"},
        refused="INVALID",
    ),
    Asked(
        "catalog.add_variant",
        lambda ids: (
            "POST",
            product(ids, "/variants"),
            {"sku": "HEAVY", "weight": {"value": 1.25, "unit": "lb"}, "barcode": " 50 ", "compare_at_price": 9.5},
        ),
        lambda ids: {
            "productId": ids["prod"],
            "sku": "HEAVY",
            "weight": {"value": "1.25", "unit": "POUND"},
            "barcode": " 50 ",
            "compareAtPrice": money("9.5"),
        },
    ),
    Asked(
        "catalog.update_variant",
        lambda ids: (
            "PUT",
            product(ids, f"/variants/{ids['var']}"),
            {"weight": {"value": 0.00001, "unit": "kg"}, "barcode": "1" * 65},
        ),
        lambda ids: {
            "productId": ids["prod"],
            "id": ids["var"],
            "weight": {"value": "0.00001", "unit": "KILOGRAM"},
            "barcode": "1" * 65,
        },
        refused="TOO_MANY_DECIMALS",
    ),
    Asked(
        "catalog.update_image",
        lambda ids: ("PUT", product(ids, f"/images/{ids['img']}"), {"alt": "Other", "position": 3}),
        lambda ids: {"productId": ids["prod"], "id": ids["img"], "alt": "Other", "position": 3},
    ),
    Asked(
        "catalog.create_category",
        lambda _: ("POST", "/v2/categories", {"name": "Home & Garden", "description": "Out there."}),
        lambda _: {"name": "Home & Garden", "description": "Out there."},
    ),
    Asked(
        "catalog.create_category",
        lambda _: ("POST", "/v2/categories", {"name": "Kitchen", "slug": "kitchen"}),
        lambda _: {"name": "Kitchen", "slug": "kitchen"},
        refused="TAKEN",
    ),
    Asked(
        "catalog.update_category",
        lambda ids: ("PUT", f"/v2/categories/{ids['cat']}", {"name": "Cooking", "description": "Pans."}),
        lambda ids: {"id": ids["cat"], "name": "Cooking", "description": "Pans."},
    ),
    Asked(
        "catalog.remove_category",
        lambda ids: ("DELETE", f"/v2/categories/{ids['cat']}?move_to=spare", None),
        lambda ids: {"id": ids["cat"], "moveTo": "spare"},
    ),
    Asked(
        "catalog.remove_category",
        lambda ids: ("DELETE", f"/v2/categories/{ids['cat']}", None),
        lambda ids: {"id": ids["cat"]},
        refused="ILLEGAL_TRANSITION",
    ),
    Asked(
        "catalog.remove_image",
        lambda ids: ("DELETE", product(ids, f"/images/{ids['img']}"), None),
        lambda ids: {"productId": ids["prod"], "id": ids["img"]},
    ),
    *(Asked(*case) for area in OTHER_AREAS for case in area),
)


def test_every_use_case_has_one_route_and_one_field() -> None:
    routes = sorted(each.action.use_case.name for each in ENDPOINTS if isinstance(each.action, WriteAction))
    fields = sorted(root.source.use_case.name for root in root_fields() if isinstance(root.source, MutationSource))
    assert routes == fields == sorted(USE_CASES)


def test_every_list_and_every_thing_has_a_field() -> None:
    areas = (access, catalog, inventory, customers, orders, payments, shipping, events, webhooks, jobs)
    declared = [read for area in areas for read in vars(area.reads).values()]
    types = [type_ for type_ in CORE.type_map.values() if isinstance(type_, GraphQLObjectType)]
    sources = [getattr(field_of(field), "source", None) for type_ in types for field in type_.fields.values()]
    listed = {source.listing for source in sources if isinstance(source, ListSource)}
    assert {each for each in declared if isinstance(each, Listing)} == listed
    things = {each for each in declared if isinstance(each, Read) and each.name.endswith("_by_id")}
    stock = {inventory.reads.inventory_by_product, inventory.reads.inventory_by_variant}  # by others' ids
    assert things == {read for kind in NODES.values() for read in kind.reads} - stock


@pytest.mark.parametrize(
    "area", ["catalog", "inventory", "customers", "orders", "payments", "shipping", "webhooks", "jobs", "analytics"]
)
def test_every_use_case_is_compared(area: str) -> None:
    compared = {asked.case for asked in ASKED if asked.case.startswith(f"{area}.")}
    assert compared == {name for name in USE_CASES if name.startswith(f"{area}.")}


def test_every_use_case_of_access_is_compared_but_for_those_of_keys() -> None:
    compared = {asked.case for asked in ASKED if asked.case.startswith("access.")}
    assert compared == {name for name in USE_CASES if name.startswith("access.") and not name.endswith("_key")}


class Side:
    """One of the two shops: the same product in it, and a client of ``caller``."""

    def __init__(
        self, caller: Principal, client: Client, ids: Ids, events: Callable[[], Awaitable[list[dict[str, Any]]]]
    ) -> None:
        self.caller, self.client, self.ids, self.events = caller, client, ids, events

    async def state(self) -> Any:
        """All that can be read by REST, and the events, without what differs by nature."""
        found = (await self.client("GET", "/v2/products?sort=name")).json()
        categories = (await self.client("GET", "/v2/categories")).json()["data"]
        slugs = sorted((each["slug"], each["name"], each["description"], each["version"]) for each in categories)
        told = [
            {name: event[name] for name in ("type", "sequence", "changed_fields", "snapshot")}
            for event in await self.events()
        ]
        people = (await self.client("GET", "/v2/customers?sort=email")).json()
        stock = [
            (await self.client("GET", path)).json()
            for path in ("/v2/warehouses", "/v2/purchase_orders", *map("/v2/inventory/MUG{}".format, _OF_STOCK))
        ]
        views = "/v2/analytics/products?metrics=views&period=custom&start_date=2020-01-01&end_date=2199-12-31"
        paths = ("/v2/webhooks", "/v2/jobs", "/v2/documents", "/v2/access/clients", "/v2/access/grants", views)
        others = [(await self.client("GET", path)).json() for path in paths]
        return _bare(
            [found, slugs, people, stock, await self._sales(), await self._money(), await self._parcels(), others, told]
        )

    async def _money(self) -> list[Any]:
        """Every intent with its payments and refunds, the disputes, the ledger, and the processor."""
        paths = (
            "intents",
            "disputes",
            "ledger",
            "ledger/balances",
        )
        found = [(await self.client("GET", f"/v2/payments/{path}")).json() for path in paths]
        return [*found, (await self.client("GET", "/v2/settings/payments")).json()]

    async def _parcels(self) -> list[Any]:
        """Every shipment with its tracking, every return with its way, the carriers, and how the store ships."""
        sent = (await self.client("GET", "/v2/shipments")).json()
        back = (await self.client("GET", "/v2/returns")).json()
        below = [f"/v2/shipments/{each['id']}/track" for each in sent["data"]]
        below += [f"/v2/returns/{each['id']}/history" for each in back["data"]]
        paths = (*below, "/v2/inventory/PARCEL/movements", "/v2/shipping/carriers", "/v2/settings/shipping")
        return [sent, back, *[(await self.client("GET", path)).json() for path in paths]]

    async def _sales(self) -> list[Any]:
        """Every order with what was written on it and its way, the drafts, and how the store sells."""
        sold = (await self.client("GET", "/v2/orders?limit=200")).json()
        below = [f"/v2/orders/{order['id']}{tail}" for order in sold["data"] for tail in ("/notes", "/history")]
        paths = (*below, "/v2/draft_orders", "/v2/settings")
        return [sold, *[(await self.client("GET", path)).json() for path in paths]]


_OF_STOCK = ("", "/movements", "/alerts")


async def run_low(client: Client, ids: Ids) -> dict[str, str]:
    """Another warehouse, an alert on the variant, and the purchase order it recorded."""
    place = {"name": "Second", "country": "FR", "state": "Alsace"}
    default = (await client("GET", "/v2/warehouses")).json()["data"][0]
    second = (await client("POST", "/v2/warehouses", json=place)).json()
    given = {"threshold": 3, "reorder_quantity": 5}
    alert = (await client("POST", f"/v2/inventory/{ids['var']}/alerts", json=given)).json()
    await client("POST", f"/v2/inventory/{ids['var']}/adjust", json={"quantity": -1, "reason": "lost"})
    (order,) = (await client("GET", "/v2/purchase_orders")).json()["data"]
    return {"wh": second["id"], "default": default["id"], "alert": alert["id"], "po": order["id"]}


Change = Callable[[Principal, Client, dict[str, str]], Awaitable[dict[str, str]]]
"""Changes what the ids of a store name, and answers the ids of what it holds then."""
OpenSide = Callable[..., Awaitable[Side]]


@pytest.fixture
def open_side(
    request: pytest.FixtureRequest,
    database: Database,
    http: httpx.AsyncClient,
    make_key: MakeKey,
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    template_stores: TemplateStores,
    events: Any,
) -> OpenSide:
    """Fills a new store: ``await open_side(shop.live)``; with ``change``, with what that makes of it."""
    paid = is_paid(asked_of(request))

    async def make(caller: Principal) -> dict[str, str]:
        ids = await make_goods_and_people(caller, make_product, make_customer)
        ids |= await sell(database, caller, "PLATE", ids["cust"])
        if paid:
            ids |= await charge(database, caller, ids["ord"], ids["item"], ids["cust"])
            ids |= await send(database, caller, ids["cust"])
        ids |= await hook(database, caller)
        ids |= await queue(database, caller)
        ids |= await trust(database, caller)
        client = Client(http, await make_key(caller))
        await client("POST", "/v2/categories", json={"name": "Spare"})
        ids["cat"] = (await client("GET", "/v2/categories/kitchen")).json()["id"]
        return ids | await run_low(client, ids)

    async def open_side(caller: Principal, change: Change | None = None) -> Side:
        async def told() -> list[dict[str, Any]]:
            await database.dependency(ProductViews).flush()
            return await events(caller)  # type: ignore[no-any-return]

        async def make_and_change(owner: Principal) -> dict[str, str]:
            ids = await template_stores.fill(owner, ("sides", paid), make)
            return ids if change is None else await change(owner, Client(http, await make_key(owner)), ids)

        ids = await template_stores.fill(caller, ("sides", paid, change), make_and_change)
        ids |= await authorize(database, caller)
        ids |= await upload(database, caller)
        return Side(caller, Client(http, await make_key(caller)), ids, told)

    return open_side


@pytest.fixture
def callers(request: pytest.FixtureRequest, shop: Shop, other_shop: Shop) -> tuple[Principal, Principal]:
    """The owners of two new stores: test stores, where a payment is asked for."""
    asked = asked_of(request)
    is_test = asked is not None and asked.pays
    return (shop.test, other_shop.test) if is_test else (shop.live, other_shop.live)


@pytest.fixture
async def sides(callers: tuple[Principal, Principal], open_side: OpenSide) -> tuple[Side, Side]:
    """Two stores that hold the same."""
    return await open_side(callers[0]), await open_side(callers[1])


def asked_of(request: pytest.FixtureRequest) -> Any:
    """What the test asks; None where that is not its parameter."""
    return request.node.callspec.params.get("asked") if hasattr(request.node, "callspec") else None


def is_paid(asked: Asked | None) -> bool:
    """Whether there is a paid order: those who ask of orders edit one that is not paid yet."""
    return asked is None or not asked.case.startswith("orders.")


@pytest.fixture(scope="module")
def states_before() -> dict[tuple[bool, Mode], Any]:
    """The states of new sides, by whether there is a paid order, and by their mode."""
    return {}


async def make_goods_and_people(
    caller: Principal, make_product: MakeProduct, make_customer: MakeCustomer
) -> dict[str, str]:
    """Products and customers; the ids of a product of each kind, and of a customer with two addresses."""
    mug = await make_product(
        caller,
        name="Mug",
        sku="MUG",
        categories=("kitchen",),
        tags=("new",),
        metadata={"gone": 1, "stays": [True]},
        images=(ImageInput(url="https://images.example.com/1.jpg", alt="One"),),
        variants=(
            VariantInput(sku="MUG-BLUE", price=Money(700, "GBP"), inventory=3, attributes={"color": "Blue"}),
            VariantInput(sku="MUG-RED"),
        ),
    )
    await make_customer(caller, email="other@example.com")
    jane = await make_customer(
        caller,
        email="jane@example.com",
        first_name="Jane",
        last_name="Doe",
        phone="+44 20 7946 0958",
        tags=("new",),
        metadata={"gone": 1, "stays": [True]},
        addresses=(
            CustomerAddressInput(line1="1 Old Road", city="York", country="GB", default_shipping=True),
            CustomerAddressInput(line1="2 Old Road", city="York", country="GB", default_billing=True),
        ),
    )
    plate = await make_product(caller, name="Plate", sku="PLATE", variants=(VariantInput(sku="PLATE", inventory=20),))
    await make_product(caller, name="Old", sku="OLD", status=catalog.ProductStatus.ARCHIVED)
    ids = {"prod": mug.id, "var": mug.variants[0].id, "img": mug.images[0].id, "plate": plate.id}
    return ids | {"cust": jane.id, "addr": jane.addresses[0].id}


@pytest.mark.both_servers
@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked.case}-{asked.refused or 'done'}")
async def test_both_surfaces_do_the_same(
    sides: tuple[Side, Side], asked: Asked, states_before: dict[tuple[bool, Mode], Any]
) -> None:
    rest, graphql = sides
    made = is_paid(asked), rest.caller.store.mode
    if made not in states_before:  # all copies hold the same
        states_before[made] = await rest.state()
        assert states_before[made] == await graphql.state()

    method, path, body = asked.rest(rest.ids)
    by_rest = await rest.client(method, path, **options_of_body(path, body))
    root = next(root for root in root_fields() if _case_of(root) == asked.case)
    sent = mutation_of(root, asked.graphql(graphql.ids), "userErrors { code field message }")
    by_graphql = (await graphql.client("POST", "/graphql", json=sent)).json()["data"][root.name]["userErrors"]

    after = await rest.state()
    assert after == await graphql.state()
    if asked.refused is None:
        assert by_rest.status_code in (200, 201, 202, 204), by_rest.text
        assert by_graphql == []
        return
    refusal = by_rest.json()["error"]
    assert after == states_before[made]
    assert by_graphql[0]["code"] == asked.refused
    assert [(each["code"], in_graphql(each["message"])) for each in refusal["details"]] == [
        (each["code"], each["message"]) for each in by_graphql
    ]
    if asked.refused != "VERSION_MISMATCH":  # `version` in a body is `expectedVersion` in an input
        named = [list(map(WIRE_FORMAT.name, each["field"].split("."))) for each in refusal["details"]]
        assert named == [each["field"] for each in by_graphql]


def options_of_body(path: str, body: Given | bytes | None) -> dict[str, Any]:
    """The options of a client for a body; bytes are a file: CSV where imports begin, PDF or JSON Lines elsewhere."""
    if isinstance(body, bytes):
        lines = "application/x-ndjson" if path.startswith("/v2/bulk_mutations") else "application/pdf"
        media_type = "text/csv" if path.startswith("/v2/imports") else lines
        return {"content": body, "headers": {"Content-Type": media_type}}
    return {"json": body}


def in_graphql(message: str) -> str:
    """A message of REST, with the names in it as GraphQL spells them."""
    return re.sub(r"[a-z]+(?:_[a-z]+)+", lambda found: WIRE_FORMAT.name(found[0]), message)


def _case_of(root: Any) -> str | None:
    return root.source.use_case.name if isinstance(root.source, MutationSource) else None


def _bare(value: Any, path: str = "") -> Any:
    """Ids by where they stand, and no times: what must be equal in both shops. Whom nobody knows is known by an id."""
    if isinstance(value, str) and value.endswith("@erased.invalid"):
        return "<erased>"
    if isinstance(value, dict):
        return {name: _bare(item, name) for name, item in value.items() if not name.endswith(_TIMES)}
    if isinstance(value, list):
        return [_bare(item, path) for item in value]
    return f"<{path}>" if value and (path in _IDS or path.endswith("_id")) else value


_IDS = frozenset(
    {"id", "reference", "actor", "secret_hint", "created_by", "tracking_number", "tracking_url", "label_url"}
)
_TIMES = ("_at", "_until", "_since", "respond_by")
