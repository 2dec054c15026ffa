"""Copies of stores. Hundreds of tests begin with the same shop: copying its rows takes a tenth of making them.

Ids are unique in a store, not beyond it, so a copy has the same ids. Keys, events and what follows them are not copied:
the tests make keys of their own, and hear of what they change.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from graphlib import TopologicalSorter

import asyncpg

from domain.kernel.crypto import Keyring
from domain.kernel.database import OWNER_ROLE
from domain.kernel.principal import Mode, Principal, Store

Ids = Mapping[str, str]

LEFT_OUT = frozenset({"api_key", "api_key_address", "audit_entry", "event", "idempotency_record", "outbound_attempt"})
OPENED = ("warehouse", "store_settings", "payment_settings", "shipping_settings")
"""What a new store has."""
_ENCRYPTED = (
    ("evidence", "payment_dispute", "evidence"),
    ("evidence", "payment_dispute_file", "content"),
    ("webhook", "webhook", "secret"),
    ("webhook", "webhook", "previous_secret"),
)
"""Columns that are encrypted for their store, with the context ``<purpose>/<store>/<id>``."""
_OAUTH = frozenset({"oauth_client", "oauth_code", "oauth_grant", "oauth_token"})
"""Not copied either: their ids or hashes are unique over all stores."""
_COLUMNS = """
SELECT c.relname AS name, array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = ''
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
GROUP BY c.relname HAVING 'store_id' = ANY (array_agg(a.attname))
"""
_REFERENCES = """
SELECT DISTINCT conrelid::regclass::text AS name, confrelid::regclass::text AS other
FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid AND conparentid = 0
"""


class StoreCopies:
    """Copies what a store holds into another, new one."""

    def __init__(self, connection: asyncpg.Connection, tables: dict[str, str], keyring: Keyring) -> None:
        self._connection = connection
        self._tables = tables
        self._keyring = keyring

    @classmethod
    async def open(cls, url: str, keyring: Keyring) -> StoreCopies:
        """Copies within the database of this URL, as the owner of its tables."""
        connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE})
        columns = {row["name"]: row["columns"] for row in await connection.fetch(_COLUMNS)}
        order: dict[str, set[str]] = {name: set() for name in columns if name not in LEFT_OUT | _OAUTH}
        for row in await connection.fetch(_REFERENCES):
            if row["name"] in order and row["other"] in order:
                order[row["name"]].add(row["other"])
        tables = {name: _insert(name, columns[name]) for name in TopologicalSorter(order).static_order()}
        return cls(connection, tables, keyring)

    async def close(self) -> None:
        """End the connection."""
        await self._connection.close()

    async def copy(self, source: Store, target: Store) -> None:
        """Give ``target``, of the same mode and currency, the rows of ``source`` in place of its own."""
        given = {"source": source.number, "target": target.number, "source_id": source.id, "target_id": target.id}
        emptied = [f"DELETE FROM {name} WHERE store_id = {target.number}" for name in OPENED]
        copied = [statement.format(**given) for statement in self._tables.values()]
        numbered = (
            f"SELECT setval('order_number_{target.number}', last_value, is_called) FROM order_number_{source.number}"
        )
        async with self._connection.transaction():
            await self._connection.execute(";\n".join([*emptied, *copied, numbered]))
            for purpose, table, column in _ENCRYPTED:
                await self._encrypt_again(purpose, table, column, source.number, target.number)

    async def _encrypt_again(self, purpose: str, table: str, column: str, source: int, target: int) -> None:
        query = f"SELECT id, {column} AS kept FROM {table} WHERE store_id = $1 AND {column} IS NOT NULL"
        for row in await self._connection.fetch(query, target):
            if b":" not in row["kept"]:  # written by a test, as it is
                continue
            plain = self._keyring.decrypt(row["kept"], f"{purpose}/{source}/{row['id']}")
            kept = self._keyring.encrypt(plain, f"{purpose}/{target}/{row['id']}")
            changed = f"UPDATE {table} SET {column} = $3 WHERE store_id = $1 AND id = $2"
            await self._connection.execute(changed, target, row["id"], kept)


def _insert(table: str, columns: list[str]) -> str:
    """A row that belongs to a store by its id (its settings) belongs to the other by that one's."""
    values = {"store_id": "{target}", "id": "CASE id WHEN '{source_id}' THEN '{target_id}' ELSE id END"}
    selected = ", ".join(values.get(column, column) for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {selected} FROM {table} WHERE store_id = {{source}}"


class TemplateStores:
    """Stores that were filled once and are copied for each test."""

    def __init__(self, copies: StoreCopies, open_store: Callable[[Mode], Awaitable[Principal]]) -> None:
        """``open_store``: opens a store of a new account, and answers who may do everything in it."""
        self._copies = copies
        self._open_store = open_store
        self._filled: dict[tuple[Hashable, Mode], tuple[Store, Ids]] = {}

    async def fill(
        self, target: Principal, name: Hashable, make: Callable[[Principal], Awaitable[Ids]]
    ) -> dict[str, str]:
        """Give a new store in pounds what ``make`` makes, and answer the ids of that.

        ``make`` is called once for each ``name``, and mode of the store; its ids are those of every copy.
        """
        key = (name, target.store.mode)
        if key not in self._filled:
            owner = await self._open_store(target.store.mode)
            self._filled[key] = (owner.store, await make(owner))
        source, ids = self._filled[key]
        await self._copies.copy(source, target.store)
        return dict(ids)
