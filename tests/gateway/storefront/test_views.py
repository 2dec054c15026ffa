"""Views of products, told by the pages of a shop."""

from __future__ import annotations

import httpx

from domain.analytics import ProductViews
from domain.kernel.database import Database
from tests.analytics.test_product_views import VIEW, counted
from tests.conftest import Client, Shop
from tests.gateway.storefront.conftest import ORIGIN, Goods, RunPublic, Visit


async def test_shoppers_count_views_of_what_they_see(
    database: Database, goods: Goods, visit: Visit, run_public: RunPublic, rest: Client, shop: Shop
) -> None:
    """On both surfaces; drafts and archived products do not exist for them, even where their owner has just viewed
    them. Fails when what is remembered of secret keys answers, and when a refused view counts."""
    for each in (goods.lamp, goods.hidden, goods.old):
        assert (await rest("POST", f"/v2/products/{each['id']}/views")).status_code == 204
    lamp = f"/v2/products/{goods.lamp['id']}/views"
    assert (await visit("POST", lamp)).status_code == 204
    assert (await run_public(VIEW, id=goods.lamp["id"]))["recordProductView"]["userErrors"] == []
    for each in (goods.hidden, goods.old):
        assert (await visit("POST", f"/v2/products/{each['id']}/views")).status_code == 404
        refused = (await run_public(VIEW, id=each["id"]))["recordProductView"]["userErrors"]
        assert refused == [{"code": "NOT_FOUND", "field": ["productId"]}]
    assert (await visit("POST", lamp, origin="https://evil.example")).status_code == 403
    await database.dependency(ProductViews).flush()
    expected = {goods.lamp["id"]: 3, goods.hidden["id"]: 1, goods.old["id"]: 1}
    assert await counted(database, shop.live.store) == expected


async def test_pages_may_send_views(http: httpx.AsyncClient, goods: Goods, visit: Visit) -> None:
    """The preflight of a browser allows it."""
    path = f"/v2/products/{goods.lamp['id']}/views"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    allowed = await http.options(path, headers={**asked, "Origin": ORIGIN})
    assert allowed.status_code == 200, allowed.text
    assert "POST" in allowed.headers["access-control-allow-methods"]
    answer = await visit("POST", path)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, ORIGIN)
