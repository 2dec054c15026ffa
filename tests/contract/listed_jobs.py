"""The list of jobs of the small shop; ``listed_areas.py`` has the others."""

from __future__ import annotations

import random

from domain.jobs import JobKind
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from tests.contract.listed_areas import DAY_THREE, DAY_TWO, connection
from tests.contract.listed_shop import Area, facts, moment_of, several, spans

_JOB = """
INSERT INTO job (store_id, id, kind, status, parameters, done, unit, dry_run, counts, error, created_by, attempt,
    scopes, version, created_at, updated_at, finished_at)
VALUES ($1, $2, $3, $4, '{}', 0, 'rows', false, '{}', CASE $4 WHEN 'failed' THEN 'No.' END, 'system', 0,
    '{}', 1, $5, $5, $5)
"""


async def fill_jobs(database: Database, principal: Principal, chance: random.Random) -> None:
    """Fill a store with jobs that have finished."""
    async with database.system_connection() as connection:
        for _ in range(60):
            kind, status = (
                chance.choice(list(JobKind)),
                chance.choice(["succeeded", "succeeded", "failed", "cancelled"]),
            )
            await connection.execute(_JOB, principal.store.number, new_id("job"), kind, status, moment_of(chance))


async def jobs(database: Database, principal: Principal) -> Area:
    """The list of jobs."""
    two = ["import_stock", "import_customers"]
    return Area(
        "/v2/jobs",
        connection("jobs", "JobFilter"),
        await facts(database, principal, "job"),
        [
            several("kind", ["import_products"], lambda fact: fact["kind"] == "import_products", upper=True),
            several("kind", two, lambda fact: fact["kind"] in two, upper=True),
            several("status", ["failed"], lambda fact: fact["status"] == "failed", upper=True),
            several("status", ["failed", "queued"], lambda fact: fact["status"] == "failed", upper=True),
            *spans("created", "created_at", DAY_TWO, DAY_THREE),
        ],
    )


JOB_AREAS = (jobs,)
