"""What a publishable key shows: active products with what belongs to them, and nothing of all others."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_named_type, is_leaf_type, is_required_argument

from domain.kernel.database import Database
from rest_compat import ENDPOINTS, openapi
from schema import schema
from schema.public_fields import PUBLIC_FIELDS
from schema.strawberry_internals import core_schema
from tests.conftest import Client
from tests.gateway.storefront.conftest import Goods, RunPublic, Visit, created

DOCUMENT: Any = openapi.document()
PRODUCT = """
fragment Shown on Product {
  id name sku status price { amount } tags metadata
  variants { sku price { amount } attributes inventory image { url } }
  images { url } categories { slug name products { totalCount nodes { sku } } }
}
"""


async def shown(visit: Visit, path: str) -> Any:
    answer = await visit("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_rest_lists_and_finds_active_products_only(goods: Goods, visit: Visit) -> None:
    assert [each["sku"] for each in (await shown(visit, "/v2/products"))["data"]] == ["LAMP"]
    for query in (
        "status=draft",
        "search=prototype",
        "skus=PROTO-X",
        f"ids={goods.hidden['id']}",
        "category=unreleased",
    ):
        assert (await shown(visit, f"/v2/products?{query}"))["data"] == [], query
    for query in (
        "search=desk",
        "tags=new",
        "category=lights",
        "in_stock=true",
        "price_from=1&sort=price",
        "sort=name",
    ):
        assert [each["sku"] for each in (await shown(visit, f"/v2/products?{query}"))["data"]] == ["LAMP"], query
    for product in (goods.hidden, goods.old):
        variant = product["variants"][0]
        for path in (
            f"/v2/products/{product['id']}",
            f"/v2/products/{product['sku']}",
            f"/v2/products/{product['id']}/variants",
            f"/v2/products/{product['id']}/variants/{variant['id']}",
            f"/v2/products/{product['id']}/images",
            f"/v2/variants/{variant['id']}",
            f"/v2/variants/{variant['sku']}",
        ):
            assert (await visit("GET", path)).status_code == 404, path
    assert [each["slug"] for each in (await shown(visit, "/v2/categories"))["data"]] == ["lights"]
    for slug in ("unreleased", "old"):
        assert (await visit("GET", f"/v2/categories/{slug}")).status_code == 404


async def test_rest_shows_neither_costs_nor_unmarked_metadata(goods: Goods, visit: Visit, rest: Client) -> None:
    """Taken out to see it fail: the expression of ``metadata``, ``NULL::bigint`` in the view of variants."""
    product = await shown(visit, "/v2/products/LAMP")
    assert product["metadata"] == {"material": "brass"}
    assert [each.get("cost") for each in product["variants"]] == [None, None]
    assert [each["inventory"] for each in product["variants"]] == [7, 0]
    own = (await rest("GET", "/v2/products/LAMP")).json()
    assert own["metadata"] == {"material": "brass", "supplier": "Acme"}
    assert own["variants"][0]["cost"] == 20
    different = {name for name in own if own[name] != product.get(name)}
    assert different == {"metadata", "variants"}


async def test_stock_is_what_is_available(goods: Goods, visit: Visit, rest: Client) -> None:
    await created(rest, "/v2/orders", {"items": [{"sku": "LAMP-RED", "quantity": 2}], "email": "jane@example.com"})
    assert (await shown(visit, "/v2/variants/LAMP-RED"))["inventory"] == 5


async def test_graphql_shows_the_same(goods: Goods, run_public: RunPublic) -> None:
    """By every root that shoppers have; what is left out does not count either."""
    text = f"""query ($hidden: ID!, $old: ID!) {{
      products {{ totalCount nodes {{ ...Shown }} }}
      search: products(search: "desk") {{ totalCount nodes {{ sku }} }}
      drafts: products(filter: {{status: [DRAFT, ARCHIVED]}}) {{ totalCount nodes {{ sku }} }}
      hidden: product(id: $hidden) {{ ...Shown }}
      old: product(id: $old) {{ ...Shown }}
      bySku: product(sku: "PROTO") {{ id }}
      variant(sku: "PROTO-X") {{ id }}
      shown: variant(sku: "LAMP-RED") {{ sku product {{ sku }} }}
      categories {{ totalCount nodes {{ slug products {{ totalCount nodes {{ sku }} }} }} }}
      category(slug: "unreleased") {{ id }}
      shop {{ name currency }}
    }} {PRODUCT}"""
    found = await run_public(text, hidden=goods.hidden["id"], old=goods.old["id"])
    (lamp,) = found["products"]["nodes"]
    assert found["products"]["totalCount"] == 1
    assert (lamp["sku"], lamp["metadata"], lamp["tags"]) == ("LAMP", {"material": "brass"}, ["new"])
    assert [each["inventory"] for each in lamp["variants"]] == [7, 0]
    assert lamp["categories"] == [
        {"slug": "lights", "name": "Lights", "products": {"totalCount": 1, "nodes": [{"sku": "LAMP"}]}}
    ]
    assert found["search"] == {"totalCount": 1, "nodes": [{"sku": "LAMP"}]}
    assert found["drafts"] == {"totalCount": 0, "nodes": []}
    for name in ("hidden", "old", "bySku", "variant", "category"):
        assert found[name] is None, name
    assert found["shown"] == {"sku": "LAMP-RED", "product": {"sku": "LAMP"}}
    assert found["categories"]["totalCount"] == 1
    assert found["shop"]["currency"] == "GBP"


@pytest.mark.parametrize("rounds", [6])
async def test_repeated_documents_show_the_same(goods: Goods, visit: Visit, rest: Client, rounds: int) -> None:
    """From its third execution on, the database writes the rows; and a secret key between runs the same document."""
    text = "{ products(first: 5) { nodes { sku metadata variants { sku inventory } } } }"
    document = await created(rest, "/v2/documents", {"text": text, "public": True})
    for _ in range(rounds):
        answer = await visit("POST", "/graphql", json={"documentId": document["id"]})
        (lamp,) = answer.json()["data"]["products"]["nodes"]
        assert (lamp["sku"], lamp["metadata"]) == ("LAMP", {"material": "brass"})
        own = await rest("POST", "/graphql", json={"documentId": document["id"]})
        assert {each["sku"] for each in own.json()["data"]["products"]["nodes"]} == {"LAMP", "PROTO", "CANDLE"}


async def test_two_keys_of_one_store_show_what_each_may(goods: Goods, visit: Visit, rest: Client, http: Any) -> None:
    """They share connections. Taken out to see it fail: the comparison of what a connection carries."""
    asked = {"name": "App", "type": "publishable", "origins": ["app://com.example"], "metadata_keys": ["supplier"]}
    other = await created(rest, "/v2/access/keys", asked)
    headers = {"Authorization": f"Bearer {other['secret']}", "Origin": "app://com.example"}
    for _ in range(3):
        assert (await shown(visit, "/v2/products/LAMP"))["metadata"] == {"material": "brass"}
        answer = await http.get("/v2/products/LAMP", headers=headers)
        assert answer.json()["metadata"] == {"supplier": "Acme"}


async def test_categories_follow_their_active_products(rest: Client, visit: Visit, database: Database) -> None:
    """Whatever changes a status or a link. Taken out to see it fail: ``index_status``, ``active`` of ``_link`` and of
    ``_relink``."""
    product = await created(rest, "/v2/products", {"name": "Pen", "sku": "PEN", "price": 1, "status": "draft"})
    path = f"/v2/products/{product['id']}"

    async def put(**given: Any) -> None:
        assert (await rest("PUT", path, json=given)).status_code == 200

    async def slugs() -> list[str]:
        async with database.system_connection() as connection:
            wrong = await connection.fetchval(
                "SELECT count(*) FROM product_category x JOIN product p ON p.store_id = x.store_id"
                " AND p.id = x.product_id WHERE x.active IS DISTINCT FROM (p.status = 'active') AND p.id = $1",
                product["id"],
            )
        assert wrong == 0
        return [each["slug"] for each in (await shown(visit, "/v2/categories?sort=name"))["data"]]

    await put(categories=["pens"])
    assert await slugs() == []
    await put(status="active")
    assert await slugs() == ["pens"]
    await put(categories=["ink", "pens"])
    assert await slugs() == ["ink", "pens"]
    await put(status="draft", categories=["ink", "paper"])
    assert await slugs() == []
    await put(status="active")
    assert await slugs() == ["ink", "paper"]
    (paper,) = [each for each in (await rest("GET", "/v2/categories")).json()["data"] if each["slug"] == "paper"]
    assert (await rest("DELETE", f"/v2/categories/{paper['id']}?move_to=pens")).status_code == 204
    assert await slugs() == ["ink", "pens"]
    archived = {"input": [{"id": product["id"]}]}
    assert (await rest("POST", "/v2/products/bulk/archive", json=archived)).status_code == 201
    assert await slugs() == []
    await put(status="active")
    assert await slugs() == ["ink", "pens"]
    assert (await rest("DELETE", path)).status_code == 204
    assert await slugs() == []


def parameters_of_public_routes() -> list[Any]:
    """Every documented parameter of a list for shoppers, with its example."""
    found = []
    for endpoint in ENDPOINTS:
        if not endpoint.is_public or endpoint.ids:
            continue
        for given in DOCUMENT["paths"][endpoint.path]["get"]["parameters"]:
            parameter = given
            if "$ref" in given:
                parameter = DOCUMENT["components"]["parameters"][given["$ref"].rpartition("/")[2]]
            if parameter["in"] == "query" and "example" in parameter:
                example = parameter["example"]
                text = ",".join(map(str, example)) if isinstance(example, list) else str(example).lower()
                name = parameter["name"]
                found.append(pytest.param(endpoint.path, name, text, id=f"{endpoint.name}.{name}"))
    return found


@pytest.mark.parametrize(("path", "name", "value"), parameters_of_public_routes())
async def test_every_parameter_of_lists_works_for_shoppers(
    path: str, name: str, value: str, goods: Goods, visit: Visit
) -> None:
    """What it reads besides is in a view. Taken out to see it fail: the view of ``product_stock``."""
    answer = await visit("GET", f"/v2{path}", params={name: value})
    assert answer.status_code in (200, 400), answer.text  # a cursor in an example is of another store
    assert {each.get("sku") for each in answer.json().get("data", [])} <= {"LAMP", None}


def every_public_field(type_: Any, depth: int) -> str:
    """A selection of all fields of a type that shoppers may select, and of theirs, so deep."""
    parts = []
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if name not in PUBLIC_FIELDS.get(type_.name, ()) or any(map(is_required_argument, field.args.values())):
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif depth:
            arguments = "(first: 2)" if "first" in field.args else ""
            parts.append(f"{name}{arguments} {{ {every_public_field(inner, depth - 1)} }}")
    return " ".join(parts) or "__typename"


async def test_every_public_field_can_be_read(goods: Goods, run_public: RunPublic) -> None:
    """No field needs a table that shoppers have no view of. Taken out to see it fail: that of ``inventory_level``."""
    roots = {"product": '(sku: "LAMP")', "variant": '(sku: "LAMP-RED")', "category": '(slug: "lights")'}
    core: Any = core_schema(schema).type_map
    for name in PUBLIC_FIELDS["Query"]:
        inner = get_named_type(core["Query"].fields[name].type)
        arguments = roots.get(name, "(first: 2)" if name.endswith("s") else "")
        found = await run_public(f"{{ {name}{arguments} {{ {every_public_field(inner, 3)} }} }}")
        assert found[name]
