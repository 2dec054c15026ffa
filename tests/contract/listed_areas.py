"""The lists of a small shop with what each of their filters and sorts means, told without the gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.kernel.clock import EPOCH
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from domain.kernel.sql.word_index import words_of
from tests.contract.listed_shop import (
    START,
    WEBHOOK,
    Area,
    Condition,
    Fact,
    _by,
    amounts,
    begins,
    facts,
    flag,
    of_address,
    one,
    several,
    spans,
)

DAY_TWO, DAY_THREE = START + timedelta(days=1), START + timedelta(days=2)
_CONNECTION = """
    query ($filter: %s, $search: String, $sort: %s, $first: Int, $after: String, $last: Int, $before: String) {
      list: %s(filter: $filter, search: $search, sort: $sort, first: $first, after: $after, last: $last,
        before: $before) {
        edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage } } }"""


def connection(name: str, filter: str, sort: str | None = None, *, search: bool = False) -> str:
    """The query of a list, without the arguments that it does not have."""
    query = _CONNECTION % (filter, sort or "", name)
    if sort is None:
        query = query.replace(" $sort: ,", "").replace(" sort: $sort,", "")
    return query if search else query.replace(" $search: String,", "").replace(" search: $search,", "")


async def products(database: Database, principal: Principal) -> Area:
    """The list of products."""
    rows = await facts(
        database,
        principal,
        "product",
        """ARRAY(SELECT slug FROM product_category AS l JOIN category AS c ON c.store_id = l.store_id
            AND c.id = l.category_id WHERE l.store_id = t.store_id AND l.product_id = t.id) AS categories,
        ARRAY(SELECT sku FROM product_variant AS v WHERE v.store_id = t.store_id AND v.product_id = t.id) AS skus,
        (SELECT COALESCE(sum(on_hand - reserved), 0) FROM inventory_level AS l WHERE l.store_id = t.store_id
            AND l.product_id = t.id) AS available""",
    )
    ids = sorted(row["id"] for row in rows)[::3]
    skus = ["sku-1", "SKU-2-A", "SKU-7", "nowhere", "sku-12-a"]

    def known(fact: Fact) -> set[str]:
        return {sku.lower() for sku in (fact["sku"], *fact["skus"])}

    def words(fact: Fact) -> set[str]:
        return words_of(fact["name"]).union(*map(words_of, known(fact)))

    return Area(
        "/v2/products",
        connection("products", "ProductFilter", "ProductSort", search=True),
        rows,
        [
            several("status", ["active"], lambda fact: fact["status"] == "active", upper=True),
            several("status", ["active", "draft"], lambda fact: fact["status"] != "archived", upper=True),
            several("category", ["cups"], lambda fact: "cups" in fact["categories"]),
            several(
                "category", ["cups", "plates", "none"], lambda fact: {"cups", "plates"} & {*fact["categories"]} != set()
            ),
            several("tags", ["new", "ECO"], lambda fact: {"New", "eco"} <= set(fact["tags"])),
            *amounts("price", "price", 200, 500),
            flag("in_stock", True, lambda fact: fact["available"] > 0),
            flag("in_stock", False, lambda fact: fact["available"] == 0),
            several("ids", [*ids, "prod_nobody"], lambda fact: fact["id"] in ids),
            several("skus", skus, lambda fact: not known(fact).isdisjoint(sku.lower() for sku in skus)),
            *spans("created", "created_at", DAY_TWO, DAY_THREE),
            *spans("updated", "updated_at", DAY_TWO, DAY_THREE),
            one("search", "BRULEE creme", lambda fact: begins(words(fact), "brulee creme")),
            one("search", "Mùg", lambda fact: begins(words(fact), "mug")),
        ],
        {name: _by(column) for name, column in _PRODUCT_SORTS.items()},
    )


_PRODUCT_SORTS = {"created_at": "created_at", "updated_at": "updated_at", "name": "name_key", "price": "price"}


async def customers(database: Database, principal: Principal) -> Area:
    """The list of customers."""
    rows = await facts(
        database,
        principal,
        "customer",
        """(SELECT max(created_at) FROM sales_order AS o WHERE o.store_id = t.store_id AND o.customer_id = t.id
            AND o.status <> 'cancelled') AS last_order_at""",
    )

    def names(fact: Fact) -> set[str]:
        return words_of(fact["first_name"] or "") | words_of(fact["last_name"] or "")

    def words(fact: Fact) -> set[str]:
        return names(fact) | words_of(fact["email"])

    def digits(fact: Fact) -> str:
        return "".join(each for each in fact["phone"] or "" if each.isdigit())

    sorts: dict[str, Any] = {name: _by(name) for name in ("created_at", "updated_at")}
    return Area(
        "/v2/customers",
        connection("customers", "CustomerFilter", "CustomerSort", search=True),
        rows,
        [
            several("status", ["active"], lambda fact: fact["status"] == "active", upper=True),
            one("email", "A.", lambda fact: of_address(fact, "a.")),
            one("email", "exä", lambda fact: of_address(fact, "exä")),
            one("name", "ana", lambda fact: begins(names(fact), "ana")),
            one("name", "Strauss", lambda fact: begins(names(fact), "strauss")),
            several("tags", ["sale"], lambda fact: "sale" in fact["tags"]),
            *spans("created", "created_at", DAY_TWO, DAY_THREE),
            *spans("updated", "updated_at", DAY_TWO, DAY_THREE),
            one("search", "zoé", lambda fact: begins(words(fact), "zoe")),
            one("search", "example ana", lambda fact: begins(words(fact), "example ana")),
            one("search", "+44 (20) 7946-01", lambda fact: digits(fact).startswith("4420794601")),
            one("search", "020 7946 010", lambda fact: digits(fact).startswith("44207946010")),
        ],
        {
            **sorts,
            "name": _by("name_key"),
            "email": _by("email_key"),
            "last_order": lambda fact: fact["last_order_at"] or EPOCH,
        },
    )


async def orders(database: Database, principal: Principal) -> Area:
    """The list of orders."""
    rows = await facts(
        database,
        principal,
        "sales_order",
        """ARRAY(SELECT sku FROM order_item AS i WHERE i.store_id = t.store_id AND i.order_id = t.id) AS skus,
        (SELECT concat_ws(' ', first_name, last_name) FROM customer AS c WHERE c.store_id = t.store_id
            AND c.id = t.customer_id) AS buyer""",
    )
    buyer = max(row["customer_id"] for row in rows if row["customer_id"])
    number = sorted(row["number"] for row in rows)[7]

    def words(fact: Fact) -> set[str]:
        place = fact["shipping_address"] or {}
        names = " ".join([fact["buyer"] or "", place.get("first_name") or "", place.get("last_name") or ""])
        return {str(fact["number"])} | words_of(names) | words_of(fact["email"] or "")

    sent, ends = ["unfulfilled", "partial"], ["pending", "cancelled"]
    return Area(
        "/v2/orders",
        connection("orders", "OrderFilter", "OrderSort", search=True),
        rows,
        [
            several("status", ends, lambda fact: fact["status"] in ends, upper=True),
            several("payment_status", ["pending"], lambda fact: fact["payment_status"] == "pending", upper=True),
            several("fulfillment_status", sent, lambda fact: fact["fulfillment_status"] in sent, upper=True),
            one("customer_id", buyer, lambda fact: fact["customer_id"] == buyer),
            one("number", f"#{number}", lambda fact: fact["number"] == number),
            one("number", str(number), lambda fact: fact["number"] == number),
            one("email", "guest@", lambda fact: of_address(fact, "guest@")),
            one("email", "EXAMPLE", lambda fact: of_address(fact, "example")),
            one("sku", "SKU-1", lambda fact: "sku-1" in [sku.lower() for sku in fact["skus"]]),
            *spans("date", "created_at", DAY_TWO, DAY_THREE),
            *spans("updated", "updated_at", DAY_TWO, DAY_THREE),
            *amounts("total", "total", 200, 500),
            one("search", "Brulée", lambda fact: begins(words(fact), "brulee")),
            one("search", "ana strauss", lambda fact: begins(words(fact), "ana strauss")),
            one("search", f"#{number}", lambda fact: begins(words(fact), str(number))),
            one("search", "guest@example.com", lambda fact: begins(words(fact), "guest example com")),
        ],
        {name: _by(name) for name in ("created_at", "updated_at", "total", "number")},
    )


async def drafts(database: Database, principal: Principal) -> Area:
    """The list of drafts."""
    rows = await facts(database, principal, "draft_order")
    buyer = rows[0]["customer_id"]
    return Area(
        "/v2/draft_orders",
        connection("draftOrders", "DraftOrderFilter"),
        rows,
        [
            several("status", ["open"], lambda fact: fact["order_id"] is None, upper=True),
            several("status", ["completed"], lambda fact: fact["order_id"] is not None, upper=True),
            one("customer_id", buyer, lambda fact: fact["customer_id"] == buyer),
        ],
    )


async def categories(database: Database, principal: Principal) -> Area:
    """The list of categories."""
    rows = await facts(database, principal, "category")
    return Area(
        "/v2/categories",
        connection("categories", "CategoryFilter", "CategorySort"),
        rows,
        [one("name", "Lämp", lambda fact: fact["name"].lower().startswith("lamp"))],
        {"created_at": _by("created_at"), "name": _by("name_key")},
    )


async def warehouses(database: Database, principal: Principal) -> Area:
    """The list of warehouses."""
    query = (
        connection("warehouses", "ID", "WarehouseSort").replace("$filter: ID, ", "").replace("filter: $filter, ", "")
    )
    rows = await facts(database, principal, "warehouse")
    return Area("/v2/warehouses", query, rows, [], {"created_at": _by("created_at"), "name": _by("name_key")})


async def deliveries(database: Database, principal: Principal) -> Area:
    """The list of an endpoint's deliveries."""
    rows = await facts(database, principal, "webhook_delivery")
    inner = connection("deliveries", "WebhookDeliveryFilter").replace(
        "list: deliveries", f'webhook(id: "{WEBHOOK}") {{ list: deliveries'
    )
    types = ["order.created", "product.created"]
    return Area(
        f"/v2/webhooks/{WEBHOOK}/deliveries",
        inner + " }",
        [row for row in rows if row["webhook_id"] == WEBHOOK],
        [
            several("status", ["failed"], lambda fact: fact["status"] == "failed", upper=True),
            Condition(
                "types",
                ",".join(types),
                [each.replace(".", "_").upper() for each in types],
                lambda fact: fact["type"] in types,
            ),
            *spans("created", "created_at", DAY_TWO, DAY_THREE),
        ],
    )


async def audit(database: Database, principal: Principal) -> Area:
    """The audit log."""
    rows = await facts(database, principal, "audit_entry")
    done = ["key.created", "key.revoked"]
    return Area(
        "/v2/access/audit",
        connection("auditLog", "AuditEntryFilter"),
        rows,
        [
            several("actor", ["key_a"], lambda fact: fact["actor"] == "key_a"),
            several("actor", ["key_a", "system"], lambda fact: fact["actor"] in ("key_a", "system")),
            several("action", done, lambda fact: fact["action"] in done),
            several("object_id", ["cust_a"], lambda fact: fact["object_id"] == "cust_a"),
            several("object_id", ["key_a", "whk_a"], lambda fact: fact["object_id"] in ("key_a", "whk_a")),
            *spans("created", "created_at", DAY_TWO, DAY_THREE),
        ],
    )


async def keys(database: Database, principal: Principal) -> Area:
    """The list of API keys."""
    rows = await facts(database, principal, "api_key")
    now = datetime.now(UTC)

    def state(fact: Fact) -> str:
        if fact["revoked_at"] is not None:
            return "revoked"
        return "expired" if fact["expires_at"] is not None and fact["expires_at"] <= now else "active"

    lists = (["active"], ["expired"], ["revoked"], ["expired", "revoked"], ["active", "expired", "revoked"])
    return Area(
        "/v2/access/keys",
        connection("apiKeys", "ApiKeyFilter"),
        rows,
        [several("state", states, lambda fact, states=states: state(fact) in states, upper=True) for states in lists],  # type: ignore[misc]  # bound now
    )


AREAS = (products, customers, orders, drafts, categories, warehouses, deliveries, audit, keys)
