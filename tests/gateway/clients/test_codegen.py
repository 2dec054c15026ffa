"""graphql-codegen: types for TypeScript from the served schema and from the printed one, and code that uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeKey, Shop
from tests.gateway.clients.conftest import TOOLS, node, project
from tests.gateway.conftest import Serving


@pytest.fixture
async def generated(gateway: Serving, shop: Shop, make_key: MakeKey) -> Path:
    """The project, with types made from what a test store is served and from the printed schema."""
    folder = project("codegen")
    codegen = TOOLS / "node_modules/@graphql-codegen/cli/esm/bin.js"
    key = await make_key(shop.test, "products:read")
    await node(codegen, "--config", "codegen.mjs", cwd=folder, URL=f"{gateway.url}/graphql", TOKEN=key)
    return folder


def _types(path: Path) -> dict[str, Any]:
    return {each["name"]: each for each in json.loads(path.read_text())["__schema"]["types"]}


async def test_types_of_the_served_schema_and_of_the_printed_one_are_the_same_and_compile(generated: Path) -> None:
    served, printed = _types(generated / "served.json"), _types(generated / "printed.json")
    assert served == printed
    assert {"Product", "ProductConnection", "CreateProductInput", "ProductUpdated"} <= served.keys()
    ours, theirs = ((generated / each / "gql/graphql.ts").read_text() for each in ("src", "printed"))
    assert ours == theirs
    assert "export type ShelfQuery = " in ours
    assert await node(TOOLS / "node_modules/typescript/bin/tsc", "-p", ".", cwd=generated) == ""
