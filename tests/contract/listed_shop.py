"""A small shop made at random whose lists are recounted in Python: what is in it, told by its own tables, and what each
filter means. See ``test_list_filters.py``."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson

from domain import catalog, customers, orders
from domain.catalog import ProductStatus
from domain.catalog.commands import CreateProduct, VariantInput
from domain.customers.commands import CreateCustomer
from domain.kernel.address import AddressInput
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.sql.word_index import words_of
from domain.kernel.use_cases.registry import use_case_of
from domain.orders import OrderStatus, PastLine, PastOrder
from domain.orders.commands import OrderItemInput

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
WEBHOOK = "whk_" + "0" * 26
Fact = Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """A filter with a value, as each surface writes it, and which rows it leaves."""

    name: str
    rest: str
    graph: Any
    holds: Callable[[Fact], bool]


@dataclass(frozen=True)
class Area:
    """A list: where it is, what is in it, how it can be narrowed and sorted."""

    path: str
    graph: str
    """The query, whose connection is called ``list``; it takes ``$filter``, ``$search``, ``$sort`` and a window."""
    facts: Sequence[Fact]
    conditions: Sequence[Condition]
    sorts: Mapping[str, Callable[[Fact], Any]] = field(default_factory=lambda: {"created_at": _by("created_at")})
    descends: bool = True
    """Which way GraphQL answers a list that has one sort alone."""


def _by(name: str) -> Callable[[Fact], Any]:
    return lambda fact: fact[name]


def _wire(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def spans(name: str, column: str, *moments: datetime) -> list[Condition]:
    """From the first and to the last of some moments, and both ends of a narrower range."""
    low, high = moments
    return [
        Condition(f"{name}_from", _wire(low), _wire(low), lambda fact: fact[column] >= low),
        Condition(f"{name}_to", _wire(high), _wire(high), lambda fact: fact[column] < high + timedelta(seconds=1)),
    ]


def amounts(name: str, column: str, low: int, high: int) -> list[Condition]:
    """From one amount (minor units) to another."""

    def at(minor: int) -> tuple[str, dict[str, str]]:
        text = f"{minor // 100}.{minor % 100:02}"
        return text, {"amount": text}

    return [
        Condition(f"{name}_from", *at(low), lambda fact: fact[column] >= low),
        Condition(f"{name}_to", *at(high), lambda fact: fact[column] <= high),
    ]


def several(name: str, values: Sequence[str], holds: Callable[[Fact], bool], *, upper: bool = False) -> Condition:
    """One of some values: a comma list, and a list."""
    return Condition(name, ",".join(values), [value.upper() if upper else value for value in values], holds)


def one(name: str, value: str, holds: Callable[[Fact], bool]) -> Condition:
    """One text."""
    return Condition(name, value, value, holds)


def flag(name: str, value: bool, holds: Callable[[Fact], bool]) -> Condition:
    """True or false."""
    return Condition(name, str(value).lower(), value, holds)


def begins(words: set[str], text: str) -> bool:
    """Whether every word of the text begins one of these."""
    return all(any(word.startswith(part) for word in words) for part in words_of(text))


def of_address(fact: Fact, prefix: str) -> bool:
    email = (fact["email"] or "").lower()
    return email != "" and (email.startswith(prefix) or email.rpartition("@")[2].startswith(prefix))


NAMES = ("Crème brûlée", "creme Mug", "Straße", "Łódź lamp", "Aná", "ANA two", "red MUG", "red mug", "Ørsted")
PEOPLE = (("Aná", "Brûlée"), ("Ana", "Strauß"), ("Zoë", "Łoś"), ("Bo", None), (None, "Strauss"), ("Zoe", "Ångström"))


def moment_of(chance: random.Random) -> datetime:
    """One of eight moments in four days."""
    return START + timedelta(hours=12 * chance.randrange(8))


class Making:
    """Fills a store, with moments and values that repeat often."""

    def __init__(self, database: Database, principal: Principal, chance: random.Random) -> None:
        self._database, self._principal, self._chance = database, principal, chance

    def moment(self) -> datetime:
        """One of a few."""
        return moment_of(self._chance)

    def some(self, of: Sequence[str], most: int) -> tuple[str, ...]:
        """A few of them, without repeats."""
        return tuple(self._chance.sample(of, self._chance.randrange(most + 1)))

    async def products(self, count: int) -> None:
        """Products with categories, tags, variants and stock."""
        commands = [
            CreateProduct(
                name=self._chance.choice(NAMES),
                sku=f"Sku-{number}",
                price=Money(100 * self._chance.randrange(1, 8), "GBP"),
                status=self._chance.choice(list(ProductStatus)),
                categories=self.some(("cups", "plates", "lamps"), 3),
                tags=self.some(("New", "sale", "eco"), 3),
                variants=(VariantInput(sku=f"Sku-{number}-a", inventory=self._chance.choice([0, 0, 3, 90])),),
            )
            for number in range(count)
        ]
        async with self._database.transaction(self._principal) as work:
            await catalog.create_products(work, self._principal, commands)

    async def customers(self, count: int) -> list[str]:
        """Customers; answers their ids."""
        commands = []
        for number in range(count):
            first, last = self._chance.choice(PEOPLE)
            domain = self._chance.choice(["example.com", "exämple.de"])
            commands.append(
                CreateCustomer(
                    email=f"{self._chance.choice('ab')}.{number}@{domain}",
                    first_name=first,
                    last_name=last,
                    phone=self._chance.choice([f"+44 20 7946 0{100 + number}", None]),
                    tags=self.some(("New", "sale"), 2),
                )
            )
        moments = [self.moment() for _ in commands]
        async with self._database.transaction(self._principal) as work:
            made = await customers.create_customers(work, self._principal, commands, moments)
        return [customer.id for customer in made]

    async def orders(self, count: int, buyers: Sequence[str]) -> None:
        """Orders of the past, and drafts: open ones, and such as became orders."""
        ways = [[], [OrderStatus.PROCESSING], [OrderStatus.CANCELLED], [OrderStatus.PROCESSING, OrderStatus.SHIPPED]]
        past = []
        for _ in range(count):
            at, buyer = self.moment(), self._chance.choice([*buyers, None])
            first, last = self._chance.choice(PEOPLE)
            steps = tuple(
                (status, at + timedelta(hours=1 + step)) for step, status in enumerate(self._chance.choice(ways))
            )
            past.append(
                PastOrder(
                    created_at=at,
                    lines=tuple(
                        PastLine(f"sku-{self._chance.randrange(5)}", self._chance.randrange(1, 3), 100)
                        for _ in range(self._chance.randrange(1, 4))
                    ),
                    steps=steps,
                    customer_id=buyer,
                    email=self._chance.choice(["Guest@example.com", "ana@shop.example", None]),
                    address=AddressInput(
                        first_name=first or "", last_name=last or "", line1="1 Road", city="Leeds", country="GB"
                    ),
                )
            )
        async with self._database.transaction(self._principal) as work:
            await orders.import_orders(work, self._principal, past)
        await self._drafts(buyers)

    async def _drafts(self, buyers: Sequence[str]) -> None:
        for number in range(24):
            given = {"customer_id": self._chance.choice(buyers[:3])}
            line = OrderItemInput(sku="KEPT", quantity=1)
            async with self._database.transaction(self._principal) as work:
                draft = await orders.create_draft_order(
                    work, self._principal, use_case_of(orders.create_draft_order).command(items=(line,), **given)
                )
                if number % 3 == 0:
                    command = use_case_of(orders.complete_draft_order).command(id=draft.id)
                    await orders.complete_draft_order(work, self._principal, command)

    async def rows(self, connection: asyncpg.Connection) -> None:
        """What use cases make of now: deliveries, keys and entries of the audit log, and times that are changed."""
        store = self._principal.store.number
        await connection.execute(
            "INSERT INTO webhook VALUES ($1, $2, 'https://a.example', '{*}', true, false, NULL, '', '', NULL, NULL, "
            "'key', '{}', NULL, NULL, 1, now(), now())",
            *(store, WEBHOOK),
        )
        for number in range(50):
            status, type = self._chance.choice(["failed", "delivered"]), self._chance.choice(_TYPES)
            given = (store, new_id("dlv"), WEBHOOK, f"evt_{number}", type, status, self.moment())
            await connection.execute(_DELIVERY, *given)
            actor, action = self._chance.choice(_ACTORS), self._chance.choice(_ACTIONS)
            subject = self._chance.choice(_OBJECTS)
            await connection.execute(_AUDIT, store, new_id("aud"), action, actor, subject, self.moment())
            ends = self._chance.choice([None, START, datetime(2090, 1, 1, tzinfo=UTC)])
            revoked = self._chance.choice([None, None, START])
            hash = self._chance.randbytes(32)
            await connection.execute(_KEY, store, new_id("key"), hash, ends, revoked, self.moment())
        for table, links in _TIMED.items():
            for row in await connection.fetch(f"SELECT id FROM {table} WHERE store_id = $1", store):
                at = self.moment()
                later = at + timedelta(hours=self._chance.randrange(3))
                changed = f"UPDATE {table} SET created_at = $3, updated_at = $4 WHERE store_id = $1 AND id = $2"
                await connection.execute(changed, store, row["id"], at, later)
                for link, owner in links:
                    moved = f"UPDATE {link} SET created_at = $3 WHERE store_id = $1 AND {owner} = $2"
                    await connection.execute(moved, store, row["id"], at)


_TIMED = {
    "product": [(link, "product_id") for link in ("product_category", "product_tag", "product_stock")],
    "draft_order": [],
    "warehouse": [],
}
_TYPES = ("order.created", "order.updated", "product.created")
_ACTORS = ("key_a", "key_b", "system")
_OBJECTS = ("key_a", "whk_a", "cust_a")
_ACTIONS = ("key.created", "key.revoked", "webhook.updated")
_DELIVERY = """
INSERT INTO webhook_delivery
    (store_id, id, webhook_id, event_id, type, object_id, status, attempt, attempts, redactions, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 'x', $6, 1, '[]', 0, $7, $7)
"""
_AUDIT = """
INSERT INTO audit_entry (store_id, id, action, actor, object_id, details, created_at)
VALUES ($1, $2, $3, $4, $5, '{}', $6)
"""
_KEY = """
INSERT INTO api_key
    (store_id, id, name, type, secret_hash, hint, scopes, allowed_addresses, origins, metadata_keys, rotation_due_at,
     rejections, version, expires_at, revoked_at, created_at, updated_at)
VALUES ($1, $2, 'old', 'secret', $3, 'x', '{}', '{203.0.113.0/24}', '{}', '{}', $6, 0, 1, $4, $5, $6, $6)
"""


async def fill(database: Database, principal: Principal, chance: random.Random) -> None:
    """Fill a store with products, customers, orders, drafts, deliveries, keys and entries of the audit log."""
    making = Making(database, principal, chance)
    kept = CreateProduct(
        name="Kept", sku="KEPT", price=Money(1, "GBP"), variants=(VariantInput(sku="K", inventory=99),)
    )
    async with database.transaction(principal) as work:
        await catalog.create_product(work, principal, kept)
    await making.products(60)
    await making.orders(50, await making.customers(50))
    async with database.system_connection() as connection:
        await making.rows(connection)


async def facts(database: Database, principal: Principal, table: str, more: str = "NULL AS nothing") -> list[Fact]:
    """The rows of a table of a store, and ``more`` of each, in SQL; JSON is read."""
    async with database.system_connection() as connection:
        found = await connection.fetch(
            f"SELECT t.*, {more} FROM {table} AS t WHERE t.store_id = $1", principal.store.number
        )
    documents = ("shipping_address", "billing_address")
    return [
        {name: orjson.loads(value) if name in documents and value else value for name, value in row.items()}
        for row in found
    ]
