"""Texts of which nothing is to be seen, hosts that are written in two ways, and searches for nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rest_compat import ENDPOINTS
from rest_compat.actions import PageAction
from rest_compat.endpoint import Endpoint
from rest_compat.openapi.examples import body_example
from tests.cases.conftest import MULE
from tests.cases.input_places import body_places, fields_with_arguments, query_parameters
from tests.conftest import Ask, Client, Graph, MakeCustomer, MakeProduct
from tests.contract.test_made_up_inputs import ids, path_of

__all__ = ["ids"]

INVISIBLE = (
    *("\u200b", "\u200f\u200e", "\ufeff", "\u115f", "\u1160", "\u3164", "\u2800", "\uffa0", "\u00ad", "\u2060\u2063"),
    *(
        "\u034f",
        "\ufe0f",
        "\U000e0020\U000e007f",
        "\x07\x1b",
        "\u180e",
        "\u202e \u2066",
        "\u061c",
        "\u00a0\u200d\u3000",
    ),
)
LISTS = [endpoint for endpoint in ENDPOINTS if isinstance(endpoint.action, PageAction)]


def needing_text() -> list[Any]:
    """Every place of a body whose text must not be empty, with the endpoint it is of."""
    return [
        pytest.param(endpoint, place, id=f"{endpoint.name}.{place.name}")
        for endpoint in ENDPOINTS
        for place in body_places(endpoint)
        if type(place.rule).__name__ == "Text" and place.rule.min == 1 and not place.rule.exact  # type: ignore[union-attr]
    ]


def problems(endpoint: Endpoint, answer: httpx.Response) -> list[dict[str, Any]]:
    """Why a write was refused: of a bulk write that leaves refused inputs out, those of its one input."""
    if "error_policy" in body_example(endpoint.body) and answer.is_success:  # type: ignore[arg-type]
        (result,) = answer.json()["data"]
        assert result["status"] == "refused", answer.text
        errors: list[dict[str, Any]] = result["errors"]
        return errors
    asks = endpoint.calculation is not None and endpoint.calculation.asks
    assert answer.status_code == (400 if asks else 422), answer.text
    details: list[dict[str, Any]] = answer.json()["error"]["details"]
    return details


@pytest.mark.parametrize(("endpoint", "place"), needing_text())
async def test_d11_no_text_is_of_invisible_characters_alone(rest: Client, ids: Any, endpoint: Any, place: Any) -> None:
    """Taken out to see it fail: ``is_visible`` in ``clean_text``."""
    hook = {"url": "https://hooks.example.com/1", "events": ["product.created"]}
    carrier = {"code": "mule", "name": "Mule", "weight_unit": "kg", "zones": [{"code": "all"}], "services": [MULE]}
    key = {"name": "x", "scopes": ["products:read"]}
    things = (
        ("whk", "/v2/webhooks", hook),
        ("carr", "/v2/shipping/carriers", carrier),
        ("key", "/v2/access/keys", key),
    )
    for prefix, path, body in things:
        ids = {**ids, prefix: (await rest("POST", path, json=body)).json()["id"]}
    for text in INVISIBLE:
        answer = await rest(endpoint.method, path_of(endpoint, ids), json=place.build(text))
        assert "TOO_SHORT" in [problem["code"] for problem in problems(endpoint, answer)], (text, answer.text)


async def test_d11_invisible_characters_around_a_text_are_trimmed(rest: Client) -> None:
    """Taken out to see it fail: ``trimmed`` in ``clean_text`` (``str.strip`` instead)."""
    body = {"name": "\u200b\ufeff Mug \u200f", "sku": "\u2060MUG\u200b", "price": 5, "tags": ["\u3164new\u2800"]}
    made = (await rest("POST", "/v2/products", json=body)).json()
    assert (made["name"], made["sku"], made["tags"]) == ("Mug", "MUG", ["new"])
    flags = {"name": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤\ufe0f", "sku": "F", "price": 5}
    assert (await rest("POST", "/v2/products", json=flags)).json()["name"] == flags["name"]


async def test_d11_a_customer_is_found_by_either_form_of_a_domain(
    rest: Client, graph: Graph, make_customer: MakeCustomer
) -> None:
    """Taken out to see it fail: ``unicode_host`` in ``email_key``."""
    jane = await make_customer(email="jane@bücher.example")
    query = "query ($email: String) { customer(email: $email) { id } }"
    for email in (
        "jane@bücher.example",
        "JANE@xn--bcher-kva.example",
        "jane@BÜCHER.Example",
        "jane@XN--BCHER-KVA.example",
    ):
        assert await graph(query, email=email) == {"customer": {"id": jane.id}}
        for part in (email, email.partition("@")[2], email[: email.index(".") + 3]):
            found = (await rest("GET", "/v2/customers", params={"email": part})).json()["data"]
            assert [each["id"] for each in found] == [jane.id], part
    again = await rest("POST", "/v2/customers", json={"email": "jane@xn--bcher-kva.example"})
    assert (again.status_code, again.json()["error"]["details"][0]["code"]) == (409, "TAKEN")


async def test_d11_an_image_is_recognised_by_either_form_of_its_host(rest: Client, make_product: MakeProduct) -> None:
    """Taken out to see it fail: ``with_ascii_host`` in ``Url.read``."""
    product = await make_product()
    path = f"/v2/products/{product.id}"
    made = (await rest("PUT", path, json={"images": ["https://bücher.example/Ä.jpg"]})).json()["images"]
    assert [image["url"] for image in made] == ["https://xn--bcher-kva.example/Ä.jpg"]
    for url in ("https://xn--bcher-kva.example/Ä.jpg", "HTTPS://BÜCHER.example/Ä.jpg"):
        again = (await rest("PUT", path, json={"images": [url]})).json()["images"]
        assert again == made


@pytest.mark.parametrize("blank", ["", " ", "\u200b \t"])
async def test_d16_a_search_for_nothing_is_no_search(
    rest: Client, ask: Ask, ids: Any, blank: str, make_product: MakeProduct
) -> None:
    """Every list with a search, of both surfaces. Taken out to see it fail: ``or None`` in both ``read_list``s."""
    await make_product()
    searched = 0
    for endpoint in LISTS:
        if any(spec.name == "search" for spec in query_parameters(endpoint)):
            path = path_of(endpoint, ids)
            found = await rest("GET", path, params={"search": blank})
            assert (found.status_code, found.json()) == (200, (await rest("GET", path)).json())
            searched += 1
    for field in fields_with_arguments():
        if "search" in field.field.args:
            query = f'{{ {field.name}(search: "{blank}") {{ nodes {{ id }} }} }}'.replace("\t", "\\t")
            plain = f"{{ {field.name} {{ nodes {{ id }} }} }}"
            assert (await ask(query)).json() == (await ask(plain)).json()
            searched += 1
    assert searched >= 2
