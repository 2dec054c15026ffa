"""What a run leaves behind, as text: in the database, in Redis and in the data directory."""

from __future__ import annotations

from pathlib import Path

import orjson
from redis.asyncio import Redis

from domain.kernel.database import Database

_TABLES = """
SELECT relname AS name, EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'store_id'
) AS is_of_store
FROM pg_class AS c
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
    AND has_table_privilege(oid, 'SELECT')
"""


async def rows_kept(database: Database, store: int) -> dict[str, str]:
    """The rows of a store, and those of no store, by table; bytes are hexadecimal."""
    async with database.system_connection() as connection:
        found = {}
        for table in await connection.fetch(_TABLES):
            of_store = f" WHERE store_id = {store}" if table["is_of_store"] else ""
            rows = await connection.fetch(f"SELECT t::text FROM {table['name']} AS t{of_store}")
            found[table["name"]] = orjson.dumps([row[0] for row in rows]).decode()
    return found


async def redis_kept(url: str) -> dict[str, str]:
    """All keys with what they hold, whatever its type. Raises AssertionError for a type that is not known here."""
    redis = Redis.from_url(url)
    readers = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"stream": redis.xrange,
    }
    found = {}
    async for key in redis.scan_iter(count=1_000):
        kind = await redis.type(key)
        assert kind in readers, kind
        found[key.decode(errors="replace")] = repr(await readers[kind](key))
    await redis.aclose()
    return found


def files_kept(directory: Path) -> dict[str, str]:
    """The files below a directory with their bytes, by their paths."""
    return {
        str(path.relative_to(directory)): path.read_bytes().decode("latin-1")
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
