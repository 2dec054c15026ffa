"""D23: a page that shows some products follows those, and not the whole store."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.event_log import EventLog
from tests.conftest import Client, Graph, MakeProduct
from tests.events.test_graphql import follow, take  # noqa: F401 - a fixture
from tests.gateway.conftest import gateway, key, web  # noqa: F401 - fixtures
from tests.gateway.test_rest_stream import following, shown, started

QUERY = """subscription ($after: Cursor, $filter: EventStreamFilter) {
    events(after: $after, filter: $filter) { objectId type } }"""


async def test_d23_a_subscription_follows_up_to_a_hundred_objects(
    shop: Any,
    make_product: MakeProduct,
    log: EventLog,
    follow: Any,  # noqa: F811
) -> None:
    """Without the condition in ``EventSelection`` the others come too."""
    start = f"e1.{await log.head()}"
    products = [await make_product() for _ in range(4)]
    chosen = [products[0].id, products[3].id]

    async def told(count: int, **filter: Any) -> list[str]:
        stream = follow(shop.live, QUERY, after=start, filter=filter)
        return [each["data"]["events"]["objectId"] for each in await take(stream, count)]

    assert await told(2, objectIds=chosen) == chosen
    assert await told(1, objectIds=chosen, objectId=chosen[1]) == chosen[1:]
    assert await told(4, objectIds=None) == [product.id for product in products]
    (refused,) = await take(follow(shop.live, QUERY, filter={"objectIds": ["x"] * 101}), 1)
    problem = refused["errors"][0]["extensions"]["problems"][0]
    assert (problem["field"], problem["code"]) == (["objectIds"], "TOO_LONG")


async def test_d23_a_rest_stream_follows_up_to_a_hundred_objects(
    web: Any,  # noqa: F811
    make_product: MakeProduct,
    log: EventLog,
) -> None:
    """The same under the same name, as a comma list. Fails when ``object_ids`` is not handed on."""
    start = f"e1.{await log.head()}"
    products = [await make_product() for _ in range(4)]
    chosen = [products[0].id, products[3].id]
    async with following(web, params={"after": start, "object_ids": ",".join(chosen)}) as stream:
        await started(stream)
        assert [shown(await stream.event()) for _ in range(2)] == [("product.created", id) for id in chosen]
    answer = await web.get("/v2/events/stream", params={"object_ids": ",".join(["x"] * 101)})
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (400, "object_ids")


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_d23_lists_of_events_take_the_same_filter(
    rest: Client, graph: Graph, make_product: MakeProduct, log: EventLog, count: int
) -> None:
    """What was missed is read by the ids that are followed, in the order of the log, on pages.

    Fails when only the first of ``object_ids`` counts.
    """
    products = [await make_product() for _ in range(3)]
    for product in products:
        assert (await rest("PUT", f"/v2/products/{product.id}", json={"name": "Cup"})).status_code == 200
    chosen = [product.id for product in products[:count]]
    whole: list[Any] = []
    while len(whole) < 6:
        whole = (await rest("GET", "/v2/events?limit=50")).json()["data"]
    expected = [event["id"] for event in whole if event["data"]["object"]["id"] in chosen]
    assert len(expected) == 2 * count
    found = (await rest("GET", f"/v2/events?object_ids={','.join(chosen)}")).json()["data"]
    assert [event["id"] for event in found] == expected
    query = """query ($ids: [String!], $after: String) { events(filter: {objectIds: $ids}, first: 2, after: $after) {
        nodes { id } pageInfo { endCursor hasNextPage } totalCount } }"""
    walked: list[str] = []
    after = None
    for _ in range(count):
        page = (await graph(query, ids=chosen, after=after))["events"]
        assert page["totalCount"] == 2 * count
        walked += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert walked == expected
