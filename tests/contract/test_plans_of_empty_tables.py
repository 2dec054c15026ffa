"""Plans that are made while the tables are empty are kept for minutes: they must not be quadratic once they are full.

An import fills a store within such a time. PostgreSQL then takes a table for one row, and may compare each of its rows
with each value that is looked up.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import asyncpg
import orjson
import pytest

import domain
from domain.kernel.database import APP_ROLE
from domain.kernel.sql.statements import Statement

Plan = dict[str, Any]


def statements_with_arrays() -> Iterator[Statement]:
    """All that the domain declares."""
    found: dict[int, Statement] = {}
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        if ".migrations" not in module.name:
            members = vars(importlib.import_module(module.name)).values()
            found.update({id(each): each for each in members if isinstance(each, Statement)})
    return (each for each in found.values() if "[]" in each.compiled.text)


async def general_plan(connection: asyncpg.Connection, text: str) -> Plan:
    """How a statement is executed whatever its arguments are."""
    await connection.execute(f"PREPARE statement AS {text}")
    try:
        count = await connection.fetchval("SELECT cardinality(parameter_types) FROM pg_prepared_statements")
        arguments = ", ".join(["NULL"] * count)
        explained = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE statement({arguments})")
        plan: Plan = orjson.loads(explained)[0]["Plan"]
        return plan
    finally:
        await connection.execute("DEALLOCATE statement")


def parts(plan: Plan) -> Iterator[Plan]:
    """The plan and all below it."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from parts(part)


def compares_each_row_with_each_value(plan: Plan) -> bool:
    """Whether values of an array are gone through anew for each row of a table."""
    for part in parts(plan):
        if part["Node Type"] == "Nested Loop":
            outer, inner = (list(parts(each)) for each in part["Plans"])
            reads_table = any("Relation Name" in each for each in outer)
            if reads_table and {"Function Scan", "ProjectSet"} & {each["Node Type"] for each in inner}:
                return True
    return False


@pytest.fixture
async def empty(own_database_url: str) -> AsyncGenerator[asyncpg.Connection]:
    """A connection to a database without rows, which plans for any arguments."""
    settings = {"role": APP_ROLE, "app.store_id": "1", "plan_cache_mode": "force_generic_plan"}
    connection = await asyncpg.connect(own_database_url, server_settings=settings, statement_cache_size=0)
    yield connection
    await connection.close()


async def test_no_look_up_compares_each_row_with_each_value(empty: asyncpg.Connection) -> None:
    """Taken out to see it fail: ``_each`` of catalog's look-up, a tenth of the time of an import of orders."""
    statements = list(statements_with_arrays())
    assert {"variants_of_products", "products_by_sku"} <= {each.name for each in statements}
    plans = {each.name: await general_plan(empty, each.compiled.text) for each in statements}
    assert [name for name, plan in plans.items() if compares_each_row_with_each_value(plan)] == []
