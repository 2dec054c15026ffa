"""D1: a webhook's stored query selects the object as it was, as it is, or both; without one, it is sent a snapshot."""

from __future__ import annotations

from tests.conftest import Client, MakeProduct

QUERY = """subscription { events { id ... on ProductCreated {
    product { id name } then: snapshot { objectId name } } } }"""


async def test_d1_a_stored_query_can_select_the_live_object_and_its_snapshot(
    rest: Client, make_product: MakeProduct
) -> None:
    """Failed while `product` was the snapshot: nothing but that could be sent."""
    product = await make_product(name="Mug")
    assert (await rest("PUT", f"/v2/products/{product.id}", json={"name": "Cup"})).status_code == 200
    events: list[dict[str, object]] = []
    while len(events) < 2:
        events = (await rest("GET", "/v2/events")).json()["data"]
    made = {"url": "https://hooks.example.com/d1", "events": ["product.created"], "query": QUERY}
    hook = (await rest("POST", "/v2/webhooks", json=made)).json()
    preview = await rest("POST", f"/v2/webhooks/{hook['id']}/preview", json={"event_id": events[0]["id"]})
    assert preview.status_code == 201, preview.text
    payload = preview.json()
    assert payload["data"]["object"] == {
        "id": events[0]["id"],
        "product": {"id": product.id, "name": "Cup"},
        "then": {"objectId": product.id, "name": "Mug"},
    }
    plain = (await rest("POST", "/v2/webhooks", json={**made, "query": None, "url": made["url"] + "/plain"})).json()
    preview = await rest("POST", f"/v2/webhooks/{plain['id']}/preview", json={"event_id": events[0]["id"]})
    assert preview.json()["data"]["object"]["name"] == "Mug"
