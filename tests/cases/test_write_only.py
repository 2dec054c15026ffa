"""Keys that may write and not read: what they make is shown to them, of what was there only what they have written.

Walks every use case on both surfaces, asked for as ``tests.contract.test_parity`` asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type

from domain.kernel.principal import SCOPES
from domain.kernel.use_cases.registry import USE_CASES
from resolvers.sources import ChangedRowSource, MutationSource
from rest_compat import ENDPOINTS
from rest_compat.actions import WriteAction
from rest_compat.endpoint import Endpoint
from rest_compat.visible_members import IDENTITY
from schema.strawberry_internals import field_of
from tests.conftest import Client, Graph, MakeKey, Shop
from tests.contract.operations import CORE, RootField, root_fields, selection
from tests.contract.test_parity import ASKED, Asked, Side, options_of_body

BY_CASE: dict[str, RootField] = {
    root.source.use_case.name: root for root in root_fields() if isinstance(root.source, MutationSource)
}
ROUTES: dict[str, Endpoint] = {
    each.action.use_case.name: each for each in ENDPOINTS if isinstance(each.action, WriteAction)
}
DONE = list({asked.case: asked for asked in reversed(ASKED) if asked.refused is None}.values())
"""The first way in which each use case succeeds: a shop is made for each."""
STATUSES = ("status", "payment_status", "fulfillment_status", "from_status")


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, name)
    else:
        yield name, value


def writing(scope: str, *also: str) -> list[str]:
    """The scopes of a key that writes an area without reading it. An endpoint is sent nothing that its maker may not
    read, so who makes one reads all the rest."""
    area = scope.partition(":")[0]
    if area != "webhooks":
        return [scope, *also]
    return [scope, *also, *(each for each in SCOPES if each.endswith(":read") and each != f"{area}:read")]


BY_KIND = {
    "cancelJob": "products:write",
    "startImport": "inventory:write",
    "startBulkExport": "products:read",
    "startEventExport": "products:read",
    "startBulkMutation": "products:write",
}


def scope_of(root: RootField) -> str:
    """The scope of a mutation; of jobs, that of their kind."""
    return root.scopes[0] if root.scopes else BY_KIND[root.name]


def texts(value: Any) -> set[str]:
    return {each for _, each in leaves(value) if isinstance(each, str) and len(each) > 2}


async def everything(side: Side) -> Any:
    """All that was there, as who may read everything is told it."""
    paths = ("products", "customers", "orders", "draft_orders", "settings", "warehouses", "webhooks", "documents")
    paths = (*paths, "payments/intents", "payments", "payments/disputes", "payments/ledger", "settings/payments")
    paths = (*paths, "shipments", "returns", "shipping/carriers", "settings/shipping")
    found = [(await side.client("GET", f"/v2/{path}")).json() for path in paths]
    below = [(await side.client("GET", f"/v2/orders/{side.ids['ord']}/notes")).json()]
    return found + below + [(await side.client("GET", "/v2/inventory/MUG/movements")).json()]


@pytest.mark.parametrize("asked", DONE, ids=lambda asked: asked.case)
async def test_d17_d6_a_key_that_only_writes_is_shown_what_it_made_and_wrote(
    asked: Asked, sides: tuple[Side, Side], make_key: MakeKey, http: Any
) -> None:
    """By REST in one shop, by GraphQL in the other.

    Taken out: ``visible_part`` in ``rest_compat.write_handler`` (whole orders are shown);
    ``unread`` of ``gateway.graphql.payload_scopes`` (every member is answered);
    ``is_owned`` there (``createOrder { order { items } }`` is forbidden)."""
    scopes = writing(scope_of(BY_CASE[asked.case]), *USE_CASES[asked.case].also)
    await by_rest(asked, sides[0], Client(http, await make_key(sides[0].caller, *scopes)))
    await by_graphql(asked, sides[1], Client(http, await make_key(sides[1].caller, *scopes)))


async def by_rest(asked: Asked, side: Side, writer: Client) -> None:
    """Creations answer all, changes their identity and what was sent; nothing else that was there is told."""
    endpoint = ROUTES[asked.case]
    method, path, body = asked.rest(side.ids)
    before = texts(await everything(side))
    answer = await writer(method, path, **options_of_body(path, body))
    assert answer.status_code in (200, 201, 202, 204), answer.text
    if not endpoint.changes or answer.status_code == 204:
        return
    shown = answer.json()
    besides = {path.partition(".")[0] for path in endpoint.action.writes or ()}
    if endpoint.action.use_case.bulk:
        rows = [each for row in shown["data"] for each in row.values() if isinstance(each, dict)]
        for row, given in zip(rows, body["input"], strict=True):
            assert set(row) <= {*IDENTITY, *given, *besides}
    else:
        assert set(shown) <= {*IDENTITY, *(body or {}), *besides}
        if "id" in endpoint.response.__annotations__:
            assert "id" in shown
    told = {
        each
        for name, each in leaves(shown)
        if isinstance(each, str) and name not in (*STATUSES, "id", "variant_id") and not name.endswith("_at")
    }
    ours = texts(body) | set(path.split("/")) | set(side.ids.values())
    assert {
        each for each in told & before if each not in ours and each.casefold() not in map(str.casefold, ours)
    } == set()


def test_d17_every_action_says_whether_it_makes_something() -> None:
    """A POST below a thing either makes something of its own, or says what it writes of it.

    Fails when ``rollKey`` declares no ``writes`` (a key that may not read is then shown the whole key).
    """
    makes = {each.name for each in ENDPOINTS if each.method == "POST" and not each.changes}
    assert makes == {
        "createProduct",
        "addVariant",
        "addImage",
        "createCategory",
        "createWarehouse",
        "createPurchaseOrder",
        "createCustomer",
        "addAddress",
        "addDisputeFile",
        "createOrder",
        "addOrderNote",
        "assignOrders",
        "createDraftOrder",
        "createKey",
        "createOAuthClient",
        "createWebhook",
        "testWebhook",
        "previewWebhook",
        "previewWebhookQuery",
        "redeliverWebhook",
        "createPaymentIntent",
        "refundPayment",
        "raiseSandboxDispute",
        "calculateShippingRates",
        "createShipment",
        "createReturn",
        "createShippingCarrier",
        "startImport",
        "startBulkExport",
        "startEventExport",
        "startBulkMutation",
        "recordProductView",  # it shows nothing
        "reportCustom",
        "cancelJob",  # of a job that it may see whole
    }


def outcome_type(root: RootField) -> GraphQLObjectType:
    """The payload of a mutation; of a mutation of many, that of each of them."""
    payload = get_named_type(root.field.type)
    return get_named_type(payload.fields["results"].type) if root.source.use_case.bulk else payload


def payloads(root: RootField, *, made: bool) -> Iterator[tuple[str, GraphQLField, ChangedRowSource]]:
    """The things of a mutation's payload, or of the payload of each of many, that were made, or changed."""
    for name, field in outcome_type(root).fields.items():
        source = getattr(field_of(field), "source", None)
        if isinstance(source, ChangedRowSource) and source.created is made:
            yield name, field, source


def members(field: GraphQLField) -> dict[str, GraphQLField]:
    """The members of a thing that need no scope of their own."""
    fields = get_named_type(field.type).fields
    return {name: each for name, each in fields.items() if not getattr(field_of(each), "scopes", ())}


def operation(root: RootField, chosen: str) -> str:
    arguments = ("input", "errorPolicy") if root.source.use_case.bulk else ("input",)
    defaults = {"errorPolicy": " = ALL_OR_NONE"}
    declared = ", ".join(f"${name}: {root.field.args[name].type}{defaults.get(name, '')}" for name in arguments)
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    results = f"results {{ {chosen} }}" if root.source.use_case.bulk else chosen
    return f"mutation ({declared}) {{ {root.name}({passed}) {{ {results} userErrors {{ message }} }} }}"


async def by_graphql(asked: Asked, side: Side, writer: Client) -> None:
    """Each other member of what is changed is forbidden, also behind fragments, and nothing is written then."""
    root = BY_CASE[asked.case]
    given = asked.graphql(side.ids)
    variables = given if root.source.use_case.bulk else {"input": given}
    inputs = given["input"] if root.source.use_case.bulk else [given]
    before, allowed = await everything(side), []
    for name, field, source in payloads(root, made=False):
        if not set(source.read.scopes).isdisjoint(root.scopes):
            continue
        for member, inner in members(field).items():
            known = member in source.written or (
                source.described
                and member not in ("metadata", *source.derived)
                and all(each.get(member) is not None for each in inputs)
            )
            if known or member in IDENTITY:
                allowed.append(f"{name} {{ {member} {selection(inner.type)} }}")
                continue
            for text in (f"{name} {{ {member} {selection(inner.type)} }}", f"{name} {{ ...F }}"):
                query = operation(root, text)
                if "...F" in text:
                    type_ = get_named_type(field.type).name
                    query += f" fragment F on {type_} {{ ... {{ {member} {selection(inner.type)} }} }}"
                answer = await writer("POST", "/graphql", json={"query": query, "variables": variables})
                refusal = answer.json()["errors"][0]
                assert refusal["extensions"]["code"] == "FORBIDDEN", (member, answer.text)
                assert source.read.scopes[0] in refusal["message"]
    assert await everything(side) == before
    things = list(payloads(root, made=True))
    allowed += [f"{name} {whole(get_named_type(field.type), source.read.scopes)}" for name, field, source in things]
    body = {"query": operation(root, " ".join(allowed)), "variables": variables}
    answer = (await writer("POST", "/graphql", json=body)).json()
    assert "errors" not in answer, answer["errors"]
    done = answer["data"][root.name]
    outcomes = done["results"] if root.source.use_case.bulk else [done]
    assert done["userErrors"] == []
    assert [name for name, *_ in things for each in outcomes if each[name] is None] == []


def whole(type_: GraphQLObjectType, scopes: tuple[str, ...], above: frozenset[str] = frozenset()) -> str:
    """A selection of all that a thing owns."""
    parts: list[str] = []
    for name, field in type_.fields.items():
        declared, inner = field_of(field), get_named_type(field.type)
        own = getattr(declared, "scopes", ())
        if own and not (declared.is_owned and own == scopes):
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif inner.name not in above:
            parts.append(f"{name} {whole(inner, scopes, above | {inner.name})}")
    return f"{{ {' '.join(parts)} }}"


async def test_d6_a_new_order_shows_its_items_and_nobody_elses(
    shop: Shop, make_key: MakeKey, http: Any, rest: Client, sides: tuple[Side, Side]
) -> None:
    """The case itself; and what is not the order's own still needs its scope.

    Fails without ``is_owned`` in ``gateway.graphql.payload_scopes``.
    """
    writer = Client(http, await make_key(shop.live, "orders:write"))
    given = {"items": [{"sku": "PLATE", "quantity": 2}], "email": "guest@example.com"}
    root = BY_CASE["orders.create_order"]

    async def ask(chosen: str) -> Any:
        body = {"query": operation(root, f"order {{ {chosen} }}"), "variables": {"input": given}}
        return (await writer("POST", "/graphql", json=body)).json()

    shown = await ask("email items { sku quantity total { amount } } history { status } notes { text }")
    assert shown["data"]["createOrder"]["order"]["items"] == [
        {"sku": "PLATE", "quantity": 2, "total": {"amount": "10.00"}}
    ]
    for other in (
        "customer { email }",
        "items { product { name } }",
        "items { order { email } }",
    ):
        assert (await ask(other))["errors"][0]["extensions"]["code"] == "FORBIDDEN", other


async def test_d17_a_note_shows_nothing_of_its_order(
    shop: Shop, make_key: MakeKey, http: Any, graph: Graph, sides: tuple[Side, Side]
) -> None:
    """The case itself, on both surfaces; who may read orders is shown them as before.

    Fails without ``unread`` of ``gateway.graphql.payload_scopes``.
    """
    writer = Client(http, await make_key(shop.live, "orders:write"))
    root, id = BY_CASE["orders.add_order_note"], sides[0].ids["ord"]
    given = {"orderId": id, "text": "Hello"}

    async def ask(chosen: str) -> Any:
        query = operation(root, chosen)
        body = {"query": query, "variables": {"input": given}}
        return (await writer("POST", "/graphql", json=body)).json()

    assert (await ask("order { email }"))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await ask("order { shippingAddress { line1 } }"))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    shown = (await ask("note { text } order { __typename id version }"))["data"]["addOrderNote"]
    assert (shown["note"], shown["order"]["id"]) == ({"text": "Hello"}, id)
    full = await graph(operation(root, "order { email shippingAddress { line1 } }"), input=given)
    assert full["addOrderNote"]["order"]["shippingAddress"] == {"line1": "1 Home Road"}
    by_rest = (await writer("POST", f"/v2/orders/{id}/notes", json={"text": "Again"})).json()
    assert set(by_rest) == {"id", "text", "actor", "created_at"}
    cancelled = (await writer("POST", f"/v2/orders/{id}/cancel", json={"reason": "late"})).json()
    assert (cancelled["status"], cancelled["cancel_reason"], "email" in cancelled) == ("cancelled", "late", False)


async def test_d17_a_refusal_tells_no_quantity_to_who_may_not_read_it(
    shop: Shop, make_key: MakeKey, http: Any, rest: Client, sides: tuple[Side, Side]
) -> None:
    """Taken out: the callers' scope in ``domain.inventory.service``."""
    writer, ids = Client(http, await make_key(shop.live, "inventory:write")), sides[0].ids
    moved = {"reason": "lost", "quantity": 0}
    for path, body, told, untold in (
        (
            "MUG-BLUE/set",
            {**moved, "expected_quantity": 9},
            "The quantity on hand is 2, not 9.",
            "The quantity on hand is not 9.",
        ),
        (
            "MUG-BLUE/adjust",
            {**moved, "quantity": -3},
            "Insufficient stock: 2 available in the warehouse.",
            "Insufficient stock in the warehouse.",
        ),
        (
            "MUG-BLUE/set",
            {**moved, "quantity": 0, "location": ids["wh"], "expected_quantity": 1},
            "The quantity on hand is 0, not 1.",
            "The quantity on hand is not 1.",
        ),
    ):
        for caller, said, unsaid in ((rest, told, untold), (writer, untold, told)):
            answer = (await caller("POST", f"/v2/inventory/{path}", json=body)).json()["error"]
            assert said in answer["message"], answer
            assert unsaid not in answer["message"]
    path = f"/v2/purchase_orders/{ids['po']}/receive"
    outstanding = "units are outstanding on this purchase order."
    for caller, said in ((rest, f"Only 5 {outstanding}"), (writer, f"Fewer {outstanding}")):
        assert (await caller("POST", path, json={"quantity": 6})).json()["error"]["message"] == said


def test_the_walk_covers_every_use_case_but_those_of_keys() -> None:
    asked = {each.case for each in DONE} | {
        "webhooks.preview_webhook",
        "webhooks.preview_webhook_query",
    }  # they change nothing
    assert {name for name in BY_CASE if not name.endswith("_key")} == asked
    assert CORE.mutation_type is not None
