"""The wishes about lists, which no fault names: what filters, sorts and searches follow, as it changes.

That each leaves what a recount leaves is ``tests/contract/test_list_filters.py``; that each is on an index,
``tests/contract/test_plans_of_filters.py``. Here: what is derived (``product_stock``, ``order_sku``, ``order_word``,
``customer_search_word``, ``customer_last_order``, the name keys) follows every way of changing what it is derived from.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.kernel.database import Database
from domain.kernel.validation import MAX_KEY_LENGTH, MAX_SEARCHED_LENGTH, fold, name_key_of, search_form
from tests.conftest import Client, Graph, Shop

Find = Callable[..., Awaitable[list[str]]]
MUG = {"name": "Crème brûlée mug", "sku": "MUG", "price": 5, "variants": [{"sku": "MUG-A", "inventory": 3}]}
LONDON = {"first_name": "Zoë", "last_name": "Łoś", "line1": "221B Baker Street", "city": "London", "country": "GB"}


@pytest.fixture
def find(rest: Client) -> Find:
    """The ids that a list shows: ``await find("products", in_stock="true")``."""

    async def ids(path: str, **asked: str) -> list[str]:
        response = await rest("GET", f"/v2/{path}", params=asked)
        assert response.status_code == 200, response.text
        return [row["id"] for row in response.json()["data"]]

    return ids


@pytest.fixture
def make(rest: Client) -> Callable[..., Awaitable[Any]]:
    """Makes a thing: ``await make("customers", email="a@example.com")``."""

    async def post(path: str, /, **body: Any) -> Any:
        response = await rest("POST", f"/v2/{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    return post


async def test_in_stock_follows_every_way_that_stock_takes(rest: Client, find: Find, make: Any) -> None:
    """Taken out to see it fail: the call of ``_mark_availability`` in ``settle``."""
    mug = await make("products", **MUG)
    bare = await make("products", name="Lamp", sku="LAMP", price=1)

    async def available() -> list[str]:
        shown, hidden = await find("products", in_stock="true"), await find("products", in_stock="false")
        assert sorted([*shown, *hidden]) == sorted([mug["id"], bare["id"]])
        return shown

    assert await available() == [mug["id"]]
    order = await make("orders", items=[{"sku": "MUG-A", "quantity": 3}])
    assert await available() == []  # all of it is reserved
    await rest("POST", f"/v2/orders/{order['id']}/cancel", json={})
    assert await available() == [mug["id"]]
    adjusted = await rest("POST", f"/v2/inventory/{mug['id']}/adjust", json={"quantity": -3, "reason": "lost"})
    assert adjusted.status_code == 201, adjusted.text
    assert await available() == []
    changed = await rest("PUT", f"/v2/products/{bare['id']}", json={"variants": [{"sku": "LAMP", "inventory": 2}]})
    assert changed.status_code == 200, changed.text
    assert await available() == [bare["id"]]


async def test_an_order_is_found_by_the_skus_that_it_has_now(rest: Client, find: Find, make: Any) -> None:
    """Taken out: ``align`` of ``OrderSku`` in ``index_again``."""
    await make("products", **MUG)
    await make("products", name="Lamp", sku="Lamp", price=1, variants=[{"sku": "Lamp-1", "inventory": 9}])
    order = await make("orders", items=[{"sku": "MUG-A", "quantity": 1}, {"sku": "Lamp-1", "quantity": 1}])
    assert await find("orders", sku="lamp-1") == await find("orders", sku="mug-a") == [order["id"]]
    kept, gone = (item["id"] for item in order["items"])
    edit = {"remove_items": [gone], "set_quantities": [{"id": kept, "quantity": 2}]}
    edited = await rest("PATCH", f"/v2/orders/{order['id']}", json=edit)
    assert edited.status_code == 200, edited.text
    assert (await find("orders", sku="lamp-1"), await find("orders", sku="MUG-A")) == ([], [order["id"]])


async def test_an_order_is_found_by_number_address_and_names(rest: Client, find: Find, make: Any, graph: Graph) -> None:
    """Taken out: the customers' names (``_NAMES_OF_CUSTOMER``), ``follow_customer_names``, ``index_words``."""
    await make("products", **MUG)
    jane = await make("customers", email="jd@shop.example", first_name="Jané", last_name="Doe")
    item = [{"sku": "MUG-A", "quantity": 1}]
    hers = await make("orders", items=item, customer_id=jane["id"], shipping_address=LONDON)
    guest = await make("orders", items=item, email="Guest@Example.com")
    number = guest["number"]
    for asked in (number, f"#{number}"):
        assert await find("orders", number=asked) == await find("orders", search=asked) == [guest["id"]]
    for text in ("jane", "DOE jane", "zoe", "los", "jane los", "shop.example", "jd@shop"):
        assert await find("orders", search=text) == [hers["id"]], text
    for text in ("guest@", "EXAMPLE", "guest@example.com"):
        assert await find("orders", email=text) == [guest["id"]], text
    assert await find("orders", search="baker") == []
    renamed = await rest("PUT", f"/v2/customers/{jane['id']}", json={"first_name": "Ida"})
    assert renamed.status_code == 200
    assert (await find("orders", search="jane doe"), await find("orders", search="ida")) == ([], [hers["id"]])
    query = "query ($s: String) { orders(search: $s) { nodes { id } totalCount searchTruncated } }"
    found = (await graph(query, s="ída dôe"))["orders"]
    assert found == {"nodes": [{"id": hers["id"]}], "totalCount": 1, "searchTruncated": False}


async def test_who_was_erased_is_found_by_nothing_of_theirs(
    rest: Client, find: Find, make: Any, database: Database, shop: Shop
) -> None:
    """Taken out: ``index_words`` in ``_index_redacted`` (the address of the order stayed in its words)."""
    await make("products", **MUG)
    jane = await make("customers", email="jane@shop.example", first_name="Jané", phone="+44 20 7946 0958")
    item = [{"sku": "MUG-A", "quantity": 1}]
    order = await make("orders", items=item, customer_id=jane["id"], shipping_address=LONDON)
    assert (await rest("POST", f"/v2/customers/{jane['id']}/erase")).status_code == 201
    for text in ("jane", "zoe", "shop.example", "020 7946 0958"):
        assert await find("orders", search=text) == await find("customers", search=text) == [], text
    assert await find("orders", email="jane") == []
    assert await find("orders", search=order["number"]) == [order["id"]]
    store = shop.live.store.number
    async with database.system_connection() as connection:
        words = await connection.fetch("SELECT word FROM order_word WHERE store_id = $1", store)
        left = await connection.fetchval("SELECT count(*) FROM customer_search_word WHERE store_id = $1", store)
    assert [row["word"] for row in words] == [order["number"]]
    assert left == 0


async def test_customers_are_found_by_one_search(find: Find, make: Any, rest: Client) -> None:
    """Taken out: ``phone_digits``, the words of the address."""
    jane = await make("customers", email="jane.doe@shop.example", first_name="Aná", phone="+442079460958")
    await make("customers", email="bob@other.example", last_name="Doesnot")
    for text in ("ana", "ANÁ shop", "jane.doe@shop.example", "doe shop", "+44 20 7946 0958", "020 7946"):
        assert await find("customers", search=text) == [jane["id"]], text
    assert await find("customers", name="shop") == []  # a filter by name is one by name
    changed = await rest("PUT", f"/v2/customers/{jane['id']}", json={"email": "new@shop.example", "phone": None})
    assert changed.status_code == 200
    assert await find("customers", search="7946") == await find("customers", search="+442079460958") == []
    assert await find("customers", search="new@") == [jane["id"]]


async def test_customers_are_sorted_by_their_last_order_that_was_not_cancelled(
    rest: Client, find: Find, make: Any
) -> None:
    """Taken out: ``advance_last_orders`` in ``index_orders``, ``record_last_orders`` in ``reindex_order``."""
    await make("products", **MUG)
    first, second, third = [(await make("customers", email=f"{name}@example.com"))["id"] for name in ("a", "b", "c")]
    item = [{"sku": "MUG-A", "quantity": 1}]

    async def order() -> list[str]:
        return await find("customers", sort="last_order", order="desc")

    assert await order() == sorted([first, second, third], reverse=True)
    placed = [await make("orders", items=item, customer_id=who) for who in (third, first)]
    assert await order() == [first, third, second]
    assert await find("customers", sort="last_order") == [second, third, first]
    await rest("POST", f"/v2/orders/{placed[1]['id']}/cancel", json={})
    assert (await order())[0] == third
    summaries = [(await rest("GET", f"/v2/customers/{who}")).json() for who in (third, first)]
    assert [each["order_summary"]["last_order_at"] is None for each in summaries] == [False, True]


async def test_accents_do_not_matter_in_searches_and_names_but_in_skus(find: Find, make: Any, rest: Client) -> None:
    """Taken out: ``search_form`` in ``words_of`` and ``name_key_of``."""
    one = await make("products", name="Crème Brûlée", sku="BRÛLÉE", price=1, categories=["cups"])
    two = await make("products", name="Creme brulee", sku="BRULEE", price=1)  # another SKU: no conflict
    for text in ("creme", "crème", "BRULÉE", "crÈme brul"):
        assert sorted(await find("products", search=text)) == sorted([one["id"], two["id"]]), text
    assert (await find("products", search="brûlée"))[0] == one["id"]  # its SKU to the letter
    assert await find("products", skus="brûlée") == [one["id"]]
    assert len(await find("categories", name="Çups")) == 1
    for name in ("Ana", "Aná"):
        await make("customers", email=f"{fold(name)}@example.com", first_name=name)
    assert len(await find("customers", name="ana")) == len(await find("customers", name="ÁNA")) == 2
    names = [row["name"] for row in (await rest("GET", "/v2/products?sort=name")).json()["data"]]
    assert names == ["Crème Brûlée", "Creme brulee"] if one["id"] < two["id"] else ["Creme brulee", "Crème Brûlée"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Crème  Brûlée", "creme brulee"),
        ("STRASSE straße", "strasse strasse"),
        ("Łódź Ørsted Đorđe", "lodz orsted dorde"),
        ("Æsir œuvre þing", "aesir oeuvre thing"),
        ("İstanbul ısı", "istanbul isi"),
        ("ｆｕｌｌ ﬁne №", "full fine no"),
        ("Ἀθῆναι Ёлка", "αθηναι елка"),
        ("が か", "が か"),  # another letter, not an accent
        ("한국 हिन्दी", "한국 हिन्दी"),
        ("שָׁלוֹם", "שלום"),
        ("\u0301", "\u0301"),
    ],
)
def test_the_search_form_of_a_text(text: str, form: str) -> None:
    assert search_form(text) == form
    assert search_form(form) == form


def test_the_search_form_of_a_long_text_is_bounded() -> None:
    """However many marks: only the beginning is looked at, so that 100 KB cost what 1,000 characters do."""
    assert search_form("a" + "\u0301\u0323" * 50_000) == "a"
    assert len(search_form("ﷺ" * 100_000)) <= 18 * MAX_SEARCHED_LENGTH
    assert len(name_key_of("ﷺ" * 100_000)) == MAX_KEY_LENGTH


async def test_a_range_that_ends_before_it_begins_is_refused_on_both_surfaces(rest: Client, ask: Any) -> None:
    lists = {
        "products": ("price", "created", "updated"),
        "orders": ("total", "updated", "date"),
        "customers": ("created", "updated"),
        "auditLog": ("created",),
    }
    paths = {"auditLog": "access/audit"}
    for name, ranges in lists.items():
        for what in ranges:
            is_money = what in ("price", "total")
            low, high = ("5", "4") if is_money else ("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z")
            asked = {f"{what}_from": low, f"{what}_to": high}
            refused = await rest("GET", f"/v2/{paths.get(name, name)}", params=asked)
            assert refused.json()["error"]["details"][0]["field"] == f"{what}_from", (name, what)
            first, last = (f'{{ amount: "{each}" }}' if is_money else f'"{each}"' for each in (low, high))
            query = f"{{ {name}(filter: {{ {what}From: {first}, {what}To: {last} }}) {{ nodes {{ id }} }} }}"
            answer = (await ask(query)).json()
            assert "data" not in answer or answer["data"] is None, (name, what)
            assert f"{what}To" in answer["errors"][0]["message"], answer


async def test_a_hundred_ids_or_skus_can_be_given_and_no_more(rest: Client, find: Find, make: Any) -> None:
    mug = await make("products", **MUG)
    for name, own in (("ids", mug["id"]), ("skus", "mug-a")):
        known = ",".join([own, *(f"x{number}" for number in range(99))])
        assert await find("products", **{name: known}) == [mug["id"]]
        refused = await rest("GET", "/v2/products", params={name: f"{known},y"})
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (400, name)
