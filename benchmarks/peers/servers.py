"""The peers' processes, what they are asked, and how PostGraphile's names become ours."""

from __future__ import annotations

import getpass
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.contestants import queries
from benchmarks.corpus.contest import graphql_request, same_leaves
from benchmarks.corpus.operations import corpus
from benchmarks.corpus.values import shop_values
from benchmarks.environment import BenchEnvironment
from benchmarks.measurement import Measurement
from benchmarks.peers import MERCURIUS, POSTGRAPHILE
from benchmarks.requests import graphql
from benchmarks.servers import Server, serving, shop_environment

HERE = Path(__file__).parent
WARMING = 3.0
"""V8 and graphql-jit compile what runs often, each operation by itself."""
NODE = HERE / "node_modules" / ".bin" / "node"

PRODUCT = """rowId name sku status createdAt price
  productVariantsByStoreIdAndProductId(orderBy: POSITION_ASC) { nodes { rowId sku attributes price } }"""
Q1 = f"query Q1 {{ allProducts(first: 50, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {{ nodes {{ {PRODUCT} }} }} }}"
Q2 = """query Q2 { allSalesOrders(first: 50, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes {
  rowId status paymentStatus createdAt total
  customerByStoreIdAndCustomerId { rowId email firstName lastName }
  orderItemsByStoreIdAndOrderId(orderBy: POSITION_ASC) { nodes { rowId quantity price
    productByStoreIdAndProductId { rowId name sku } productVariantByStoreIdAndVariantId { rowId sku } } } } } }"""
Q3 = f"""query Q3($store: Int!, $id: String!) {{
  productByStoreIdAndRowId(storeId: $store, rowId: $id) {{ {PRODUCT} }} }}"""

_MERCURIUS = dict.fromkeys(
    (
        *("category-page", "product-page", "navigation", "account-page", "order-page", "orders-board", "home-page"),
        *("customers-spent", "stock-by-warehouse", "low-stock", "purchase-orders", "webhook-deliveries", "event-feed"),
        *("products", "product", "category", "customers", "customer", "orders", "order", "inventory-levels"),
    )
)
"""Its part of the corpus, in our words."""


@asynccontextmanager
async def peers(stand: BenchEnvironment) -> AsyncGenerator[list[Measurement]]:
    """Both peers, serving. Raises NotServingError."""
    async with AsyncExitStack() as stack:
        mercurius = await stack.enter_async_context(_running(stand, MERCURIUS, "mercurius.mjs"))
        postgraphile = await stack.enter_async_context(_running(stand, POSTGRAPHILE, "postgraphile.mjs"))
        cells = [
            *queries(stand, mercurius, {}),
            *_corpus(stand, mercurius, _MERCURIUS),
            *_by_their_names(stand, postgraphile),
            *_corpus(stand, postgraphile, _documents()),
        ]
        for cell in cells:
            cell.warming = WARMING
        yield cells


def installed() -> bool:
    """Whether they can take part."""
    return NODE.exists()


def _documents() -> dict[str, str]:
    """What PostGraphile can say of the corpus, in its own names but for aliases."""
    return {file.stem: file.read_text() for file in (HERE / "postgraphile").glob("*.graphql")}


def _corpus(stand: BenchEnvironment, server: Server, documents: Mapping[str, str | None]) -> list[Measurement]:
    """A peer's part of the corpus: the names, with documents where it needs its own."""
    values, more = shop_values(stand.size), {"store": stand.store.number}
    made = []
    for asked in corpus():
        if asked.name in documents:
            agree, document = same_leaves(asked), documents[asked.name]
            request = graphql_request(asked, values, {}, document=document, more=more, agree=agree)
            made.append(Measurement(asked.name, server.name, server, request))
    return made


def versions() -> dict[str, str]:
    """What is installed, by name."""
    packages = ("node", "postgraphile", "mercurius", "graphql-jit", "pg")
    described = {name: HERE / "node_modules" / name / "package.json" for name in packages}
    return {name: json.loads(file.read_text())["version"] for name, file in described.items()}


def _running(stand: BenchEnvironment, name: str, program: str) -> Any:
    production = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    environment = {"PGUSER": getpass.getuser(), **shop_environment(stand), **production}
    return serving(name, (str(NODE), str(HERE / program), "{port}"), environment)


def _by_their_names(stand: BenchEnvironment, server: Server) -> list[Measurement]:
    one = {"store": stand.store.number, "id": stand.product_id}
    asked = {
        "Q1": graphql(Q1, {}, None, lambda answer: {"products": _page(answer["data"]["allProducts"], _product)}),
        "Q2": graphql(Q2, {}, None, lambda answer: {"orders": _page(answer["data"]["allSalesOrders"], _order)}),
        "Q3": graphql(Q3, {}, one, lambda answer: {"product": _product(answer["data"]["productByStoreIdAndRowId"])}),
    }
    return [Measurement(operation, server.name, server, request) for operation, request in asked.items()]


Row = Mapping[str, Any]


def _page(connection: Row, made: Any) -> dict[str, Any]:
    return {"nodes": [made(node) for node in connection["nodes"]]}


def _product(row: Row) -> dict[str, Any]:
    variants = row["productVariantsByStoreIdAndProductId"]["nodes"]
    return {
        **_plain(row, "name", "sku"),
        "status": row["status"].upper(),
        "createdAt": _moment(row["createdAt"]),
        "price": _money(row["price"]),
        "variants": [{**_plain(each, "sku", "attributes"), "price": _money(each["price"])} for each in variants],
    }


def _order(row: Row) -> dict[str, Any]:
    buyer = row["customerByStoreIdAndCustomerId"]
    return {
        **_plain(row),
        "status": row["status"].upper(),
        "paymentStatus": row["paymentStatus"].upper(),
        "createdAt": _moment(row["createdAt"]),
        "total": _money(row["total"]),
        "customer": buyer and _plain(buyer, "email", "firstName", "lastName"),
        "items": [_item(each) for each in row["orderItemsByStoreIdAndOrderId"]["nodes"]],
    }


def _item(row: Row) -> dict[str, Any]:
    variant = row["productVariantByStoreIdAndVariantId"]
    return {
        **_plain(row, "quantity"),
        "price": _money(row["price"]),
        "product": _plain(row["productByStoreIdAndProductId"], "name", "sku"),
        "variant": variant and _plain(variant, "sku"),
    }


def _plain(row: Row, *names: str) -> dict[str, Any]:
    """What has the same name there and here, and the id, which has not."""
    return {"id": row["rowId"], **{name: row[name] for name in names}}


def _money(amount: str) -> dict[str, int]:
    return {"minorUnits": int(amount)}


def _moment(written: str) -> str:
    moment = datetime.fromisoformat(written).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
