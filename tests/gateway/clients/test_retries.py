"""Clients that repeat a mutation whose answer was lost, set up as docs/clients.md says (case D19)."""

from __future__ import annotations

from tests.conftest import Graph
from tests.gateway.clients.conftest import TOOLS, Scenario, plain

DOCUMENT = TOOLS.parents[1] / "docs/clients.md"


async def test_a_mutation_that_is_repeated_changes_things_once(scenario: Scenario, graph: Graph) -> None:
    """Apollo's RetryLink and urql's retryExchange. Without a key of the operation the repeat is refused as TAKEN."""
    seen = plain(await scenario("retries.mjs"))
    assert seen["apollo"] == {"product": {"sku": "RETRY-A"}, "userErrors": [], "requests": 3, "keys": 1}
    assert seen["urql"] == {"product": {"sku": "RETRY-U"}, "userErrors": [], "requests": 2, "keys": 1}
    assert seen["body"] == {"product": {"sku": "RETRY-B"}, "userErrors": [], "replayed": "true"}
    found = await graph('{ products(search: "RETRY") { totalCount } }')
    assert found["products"]["totalCount"] == 3


async def test_events_are_followed_across_a_broken_connection(scenario: Scenario) -> None:
    seen = await scenario("resume.mjs")
    assert seen["resumed"] == {"types": ["PRODUCT_CREATED"] * 4, "cursors": 4, "sockets": 2}


def test_the_page_for_clients_shows_what_is_run() -> None:
    """Each block of code between `docs:` marks of the scenarios stands in docs/clients.md, word for word."""
    page = " ".join(DOCUMENT.read_text().split())
    found = 0
    for script in sorted([*(TOOLS / "clients").glob("*.mjs"), TOOLS / "codegen/codegen.mjs"]):
        for part in script.read_text().split("// docs: ")[1::2]:
            code = " ".join(part.split("\n", 1)[1].split())
            assert code in page, (script.name, part)
            found += 1
    assert found == 5
