"""Rotation of encryption keys: what is stored under an older key is encrypted again with the current one.

Areas declare their encrypted columns (``Area.encrypted``). Rows are locked while they are changed, a few at a time, so
that servers go on; they read either key. Nothing but the ciphertext changes, so no version does.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from domain.kernel.crypto import DecryptionError, Keyring

BATCH_SIZE = 100
_FIRST = (0, "")


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """A column of ciphertexts; with ``member``, a JSON list of objects that have one each, as base64."""

    table: str
    column: str
    context: str
    """As of ``Keyring.encrypt``, with ``{store}`` for the number of the store, ``{id}`` for the row's id, and the other
    members of an object by their names."""
    member: str | None = None

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.table}.{self.column}"


@dataclass(slots=True)
class ReencryptionCounts:
    """What became of a column."""

    changed: int = 0
    """Values that are now encrypted with the current key."""
    unreadable: int = 0
    """Values whose key is not configured (any more). They stay as they are."""


async def reencrypt_column(
    connection: asyncpg.Connection, column: EncryptedColumn, keyring: Keyring
) -> ReencryptionCounts:
    """Encrypt all values of a column with the current key. ``connection``: of ``gateway_system``."""
    done, after = ReencryptionCounts(), _FIRST
    while True:
        async with connection.transaction():
            rows = await connection.fetch(_select(column), *after, BATCH_SIZE)
            for row in rows:
                value = _changed(row, column, keyring, done)
                if value is not None:
                    await connection.execute(_update(column), row["store_id"], row["id"], value)
        if len(rows) < BATCH_SIZE:
            return done
        after = rows[-1]["store_id"], rows[-1]["id"]


def _select(column: EncryptedColumn) -> str:
    return f"""
        SELECT store_id, id, {column.column} AS value FROM {column.table}
        WHERE {column.column} IS NOT NULL AND (store_id, id) > ($1, $2) ORDER BY store_id, id LIMIT $3 FOR UPDATE
    """  # noqa: S608 - names that areas declare


def _update(column: EncryptedColumn) -> str:
    kind = "bytea" if column.member is None else "jsonb"
    return f"UPDATE {column.table} SET {column.column} = $3::{kind} WHERE store_id = $1 AND id = $2"  # noqa: S608 - as above


def _changed(row: asyncpg.Record, column: EncryptedColumn, keyring: Keyring, done: ReencryptionCounts) -> Any:
    """The new value of a row; None if it stays."""
    place = {"store": row["store_id"], "id": row["id"]}
    if column.member is None:
        return _with_current_key(row["value"], column.context.format(**place), keyring, done)
    entries, before = orjson.loads(row["value"]), done.changed
    for entry in entries:
        entry[column.member] = _member(entry, column, place, keyring, done)
    return None if done.changed == before else orjson.dumps(entries).decode()


def _member(
    entry: Mapping[str, Any],
    column: EncryptedColumn,
    place: Mapping[str, Any],
    keyring: Keyring,
    done: ReencryptionCounts,
) -> str:
    stored: str = entry[column.member or ""]
    context = column.context.format(**{**entry, **place})
    new = _with_current_key(b64decode(stored), context, keyring, done)
    return stored if new is None else b64encode(new).decode()


def _with_current_key(stored: bytes, context: str, keyring: Keyring, done: ReencryptionCounts) -> bytes | None:
    if keyring.is_current(stored):
        return None
    try:
        plain = keyring.decrypt(stored, context)
    except DecryptionError:
        done.unreadable += 1
        return None
    done.changed += 1
    return keyring.encrypt(plain, context)
