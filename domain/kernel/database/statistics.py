"""Statistics of tables that grow from nothing within seconds.

Without statistics PostgreSQL takes all indexes that begin with the store for equally good, and keeps the plan it has
made: a foreign key's check then walks an index by time instead of looking the id up. The first import into an empty
database took 45 µs for each check of a product, and 9 with statistics. The server would gather them by itself, but
only a minute later.
"""

from __future__ import annotations

import asyncpg


async def analyze_grown_tables(connection: asyncpg.Connection) -> None:
    """Analyse the tables that have grown tenfold to ten pages or more since they were analysed. Plans are then made
    anew. Larger ones are left to the server: it has statistics of them. ``connection``: of ``gateway_system``.
    """
    await connection.execute("SELECT gateway_analyze_grown_tables()")
