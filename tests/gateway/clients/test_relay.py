"""Relay: its compiler takes the printed schema as it is, and its runtime lives on what the gateway answers."""

from __future__ import annotations

import shutil

import pytest

from tests.gateway.clients.conftest import BUILT, TOOLS, Scenario, node, project

PROJECT = BUILT / "relay"
COMPILER = TOOLS / "node_modules/relay-compiler/cli.js"


@pytest.fixture(scope="module")
async def compiled() -> str:
    """What the compiler prints about the project, compiled into PROJECT."""
    (project("relay") / "__generated__").mkdir()
    return await node(COMPILER, "relay.config.json", cwd=PROJECT)


async def test_the_compiler_takes_the_schema_and_a_project_with_connections_and_refetching(compiled: str) -> None:
    assert "[INFO] Compilation completed." in compiled
    assert not {word for word in ("WARN", "ERROR") if word in compiled}, compiled
    made = {path.name.removesuffix(".graphql.js") for path in (PROJECT / "__generated__").iterdir()}
    assert made == {
        "ShelfQuery",
        "ShelfPaginationQuery",
        "ShelfProductRefetchQuery",
        "ShelfNodesQuery",
        "ShelfRenameMutation",
        "ShelfSubscription",
        "Shelf_query",
        "Shelf_product",
    }


async def test_the_runtime_pages_refetches_changes_and_follows(scenario: Scenario, compiled: str) -> None:
    seen = await scenario(PROJECT / "run.mjs")
    amber, blue = seen["first"]["edges"]
    assert {key: amber[key] for key in ("name", "price", "variants")} == {
        "name": "Amber mug",
        "price": {"amount": "1.00", "currency": "GBP"},
        "variants": [{"sku": "MUG-1", "product": {"name": "Amber mug"}}],
    }
    assert blue["name"] == "Blue mug"
    assert seen["first"]["pageInfo"]["hasNextPage"] is True
    assert "products:write" in seen["first"]["scopes"]
    assert seen["second"] == {"names": ["Amber mug", "Blue mug", "Coral mug"], "more": False}
    assert seen["refetch"] == {"asked": amber["id"], "name": "Amber mug"}
    assert seen["nodes"] == ["Product", None]
    assert seen["mutation"] == {
        "userErrors": [{"code": "TOO_SHORT", "field": ["name"]}],
        "names": ["Azure mug", "Blue mug", "Coral mug"],  # the store took the new name by the product's id
    }
    (event,) = (each["events"] for each in seen["subscription"])
    assert (event["__typename"], event["changedFields"]) == ("ProductUpdated", ["name"])
    assert event["product"] == {"name": "Azure mug"}
    assert "first: Must be between 0 and 200, not 201." in seen["errors"]


@pytest.mark.parametrize(
    ("written", "instead", "missed"),
    [
        ("\n  node(\n", "\n  thing(\n", "node(id: ID): Node"),
        ("hasNextPage: Boolean!", "more: Boolean!", "hasNextPage"),
        ("\n  cursor: String!", "\n  place: String!", "cursor"),
    ],
)
async def test_the_compiler_does_look_for_what_relay_demands(
    compiled: str, written: str, instead: str, missed: str
) -> None:
    other = BUILT / "relay-refused"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(PROJECT, other, ignore=shutil.ignore_patterns("*.graphql.js"))
    schema = other / "schema.graphql"
    assert written in schema.read_text()
    schema.write_text(schema.read_text().replace(written, instead))
    printed = await node(COMPILER, "relay.config.json", cwd=other, expect=1)
    assert missed in printed
