"""Requests made up from the OpenAPI document, right ones and wrong ones, against a real server: nothing surprises.

In a test store, whose payments the sandbox processes.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import uvicorn

from domain.kernel.database import Database
from gateway.app import build
from gateway.settings import Settings
from rest_compat import ENDPOINTS
from rest_compat.actions import StreamAction
from tests.conftest import MakeKey, Shop
from tests.examples import USUAL, examples

EXAMPLES = examples(4, soak=150)
PHASES = "examples,coverage,fuzzing" + (",stateful" if EXAMPLES > USUAL else "")
"""Sequences of requests are made up in the soak."""
ENDING_KEYS = ("revokeKey", "rollKey", "updateKey")
ENDLESS = tuple(endpoint.name for endpoint in ENDPOINTS if isinstance(endpoint.action, StreamAction))
OF_LINES = ("startBulkMutation",)
"""Schemathesis cannot make up bodies of JSON Lines alone."""
SEED = os.environ.get("SCHEMATHESIS_SEED", "20260115")
"""Printed with a failure; set the variable to try other requests."""
KEPT = Path(__file__).parents[2] / ".hypothesis"


@pytest.fixture
async def address(settings: Settings, database: Database) -> AsyncGenerator[str]:
    """The whole application behind a real socket."""
    config = uvicorn.Config(build(settings, database), lifespan="off", log_level="error", access_log=False)
    server = uvicorn.Server(config)
    # Bound here, so that who connects before the server is up waits in the queue. asyncio sends small answers at once
    # only over sockets that say they are TCP.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.mark.parametrize("which", ["exclude", "include"])
async def test_the_api_does_what_its_document_says(
    address: str, shop: Shop, make_key: MakeKey, tmp_path: Path, which: str
) -> None:
    """In two parts: what ends keys runs alone, where it never learns the id of the key that it runs with."""
    named = (f"--{which}-operation-id={name}" for name in ENDING_KEYS)
    endless = (f"--exclude-operation-id={name}" for name in (*ENDLESS, *OF_LINES))
    key = await make_key(shop.test)
    await finds_nothing("schemathesis.toml", f"{address}/v2/openapi.json", key, tmp_path, *named, *endless)


async def test_graphql_answers_whatever_its_schema_allows(
    address: str, shop: Shop, make_key: MakeKey, tmp_path: Path
) -> None:
    """Made-up ids name no key, so none of these requests ends the one that it is sent with."""
    key = await make_key(shop.test)
    hooks = str(Path(__file__).with_name("graphql_hooks.py"))
    await finds_nothing("schemathesis_graphql.toml", f"{address}/graphql", key, tmp_path, SCHEMATHESIS_HOOKS=hooks)


async def finds_nothing(config: str, location: str, key: str, tmp_path: Path, *options: str, **settings: str) -> None:
    """Run schemathesis over what is documented at ``location``. ``config``: a file beside this one."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={Path(__file__).with_name(config)}",
        "run",
        location,
        f"--header=Authorization: Bearer {key}",
        f"--max-examples={EXAMPLES}",
        f"--phases={PHASES}",
        f"--seed={SEED}",
        "--continue-on-failure",
        "--no-color",
        *options,
        cwd=tmp_path,
        # Beside what the tests themselves keep: the tables of characters, which take seconds to make.
        env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(KEPT), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
