"""Programs of Node run against the shared gateway."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.kernel.money import Money
from tests.conftest import MakeKey, MakeProduct, Shop
from tests.gateway.conftest import Serving

TOOLS = Path(__file__).parents[2] / "tools"
BUILT = TOOLS / "build"
"""Where projects are compiled; beneath the tools, so that Node finds their packages. Git ignores it."""

Scenario = Callable[..., Awaitable[Any]]


def project(name: str) -> Path:
    """A fresh copy of a project among the tools, with the printed schema beside it, to be compiled there."""
    copy = BUILT / name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(TOOLS / name, copy)
    shutil.copy(TOOLS.parents[1] / "schema" / "schema.graphql", copy)
    return copy


async def node(*command: str | Path, expect: int = 0, cwd: Path = TOOLS, **environment: str) -> str:
    """Run a program with Node and insist on how it ends; what it printed."""
    process = await asyncio.create_subprocess_exec(
        "node",
        *command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(180):
            printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == expect, printed.decode()
    return printed.decode()


def plain(value: Any) -> Any:
    """Without the ``__typename`` that Apollo asks for everywhere."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name != "__typename"}
    return [plain(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
async def mugs(make_product: MakeProduct, web: httpx.AsyncClient) -> str:
    """Three products, Amber to Coral mug for 1 to 3 pounds; answers the cursor of the last one's event."""
    for price, name in enumerate(("Amber", "Blue", "Coral"), start=1):
        await make_product(name=f"{name} mug", sku=f"MUG-{price}", price=Money(price * 100, "GBP"))
    async with asyncio.timeout(10):
        while True:  # an event is listed when its place in the log is given, soon after the commit
            answer = await web.post("/graphql", json={"query": "{ events { nodes { cursor } } }"})
            if len(nodes := answer.json()["data"]["events"]["nodes"]) == 3:
                return str(nodes[-1]["cursor"])
            await asyncio.sleep(0.02)


@pytest.fixture
def scenario(gateway: Serving, key: str, shop: Shop, make_key: MakeKey, mugs: str) -> Scenario:
    """Runs a scenario of tests/tools/clients with a key of every scope, and POOR, one that only reads products."""

    async def run(name: str | Path, **environment: str) -> Any:
        poor = await make_key(shop.live, "products:read")
        address = f"{gateway.url}/graphql"
        return json.loads(await node(TOOLS / "clients" / name, address, mugs, TOKEN=key, POOR=poor, **environment))

    return run


@pytest.fixture
def chromium() -> str:
    """The browser of this machine. Skips, and says so, without one."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("BROWSER TESTS SKIPPED: the program chromium is not installed", stacklevel=2)
        pytest.skip("chromium is not installed")
    return program
