"""Bodies that are wrong in every way are refused clearly, and change nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import orjson
import pytest

from domain.kernel.database import Database
from tests.conftest import Client, Shop
from tests.raw_json import compact
from transport.body import BODY_MAX

JSON = {"Content-Type": "application/json"}
VALID = b'{"name": "Mug", "price": 5, "sku": "MUG-1"}'

UNPARSEABLE = [
    b"",
    b" ",
    b"{",
    b"{'name': 1}",
    b'{"name": "x",}',
    b'{"name": NaN}',
    b'{"price": Infinity}',
    b'{"price": -Infinity}',
    b'{"name": "\xff\xfe"}',
    b'\xef\xbb\xbf{"name": "x"}',
    '{"name": "x"}'.encode("utf-16"),
    b'{"name": "a", "name": "b"}',
    b'{"variants": [{"sku": "a", "sku": "b"}]}',
    b"[" * 100_000,
    b'{"metadata": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    b'{"price": ' + b"9" * 5_000 + b"}",
    b'{"price": 1e9999999999999999999}',
    b'{"name": "\x00"}',
]
INVALID = [
    b"null",
    b"7",
    b'"x"',
    b"[]",
    b"true",
    b"{}",
    VALID.replace(b"Mug", b"\\ud800"),
    VALID.replace(b"Mug", b"\\u0000"),
    VALID.replace(b"Mug", b"   "),
    VALID.replace(b"Mug", b"x" * 256),
    VALID.replace(b'"Mug"', b"null"),
    VALID.replace(b'"Mug"', b"7"),
    VALID.replace(b"5", b'"5"'),
    VALID.replace(b"5", b"true"),
    VALID.replace(b"5", b"null"),
    VALID.replace(b"5", b"-1"),
    VALID.replace(b"5", b"5.001"),
    VALID.replace(b"5", b"1e400"),
    VALID.replace(b"5", b"9" * 400),
    VALID.replace(b"5", b"[5]"),
    VALID.replace(b"MUG-1", b"MUG/1"),
    VALID.replace(b"}", b', "\\ud800": 1}'),
    VALID.replace(b"}", b', "version": 1}'),
    VALID.replace(b"}", b', "id": "prod_1"}'),
    VALID.replace(b"}", b', "status": ["active"]}'),
    VALID.replace(b"}", b', "variants": []}'),
    VALID.replace(b"}", b', "variants": [7]}'),
    VALID.replace(b"}", b', "variants": {"sku": "a"}}'),
    VALID.replace(b"}", b', "images": ["javascript:alert(1)"]}'),
    VALID.replace(b"}", b', "metadata": ' + b'{"a":' * 300 + b"1" + b"}" * 301),
    VALID.replace(b"}", b', "metadata": {"a": "\\ud800"}}'),
    VALID.replace(b"}", b', "metadata": {"a": 1e999}}'),
]


@pytest.fixture
async def untouched(database: Database, shop: Shop) -> AsyncGenerator[None]:
    """Insists that the shop is as empty after the test as before it."""
    yield
    async with database.system_connection() as connection:
        assert (
            await connection.fetchval("SELECT count(*) FROM product WHERE store_id = $1", shop.live.store.number) == 0
        )
        assert await connection.fetchval("SELECT count(*) FROM event WHERE store_id = $1", shop.live.store.number) == 0


@pytest.mark.parametrize("body", UNPARSEABLE, ids=range(len(UNPARSEABLE)))
@pytest.mark.usefixtures("untouched")
async def test_what_is_not_json_is_malformed(rest: Client, body: bytes) -> None:
    for method, path in (("POST", "/v2/products"), ("PUT", "/v2/products/prod_00000000000000000000000000")):
        answer = await rest(method, path, content=body, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "validation_error")


@pytest.mark.parametrize("body", INVALID, ids=range(len(INVALID)))
@pytest.mark.usefixtures("untouched")
async def test_json_that_is_no_product_is_invalid_and_says_where(rest: Client, body: bytes) -> None:
    answer = await rest("POST", "/v2/products", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_error")
    assert answer.json()["error"]["details"] != []


async def test_every_wrong_field_is_named_at_once(rest: Client) -> None:
    body: dict[str, Any] = {
        "price": "5",
        "colour": "red",
        "variants": [{"sku": "a", "price": -1}, {"sku": "b" * 65, "effective_price": 1}],
    }
    answer = await rest("POST", "/v2/products", json=body)
    assert answer.json()["error"]["message"] == "7 fields are invalid."
    assert {(detail["field"], detail["code"]) for detail in answer.json()["error"]["details"]} == {
        ("colour", "UNKNOWN_FIELD"),
        ("name", "REQUIRED"),
        ("sku", "REQUIRED"),
        ("price", "INVALID"),
        ("variants.0.price", "TOO_SMALL"),
        ("variants.1.sku", "TOO_LONG"),
        ("variants.1.effective_price", "UNKNOWN_FIELD"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "json",
        "application/json; charset=latin-1",
        "application/problem+xml",
    ],
)
@pytest.mark.usefixtures("untouched")
async def test_other_types_of_body_are_unsupported(rest: Client, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await rest("POST", "/v2/products", content=VALID, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "validation_error")


@pytest.mark.usefixtures("untouched")
async def test_compressed_bodies_are_unsupported(rest: Client) -> None:
    answer = await rest("POST", "/v2/products", content=VALID, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "kind",
    ["Application/JSON", 'application/json;charset="UTF-8"', "application/vnd.api+json", "application/json ; x=y"],
)
async def test_json_is_recognised_however_it_is_said(rest: Client, kind: str) -> None:
    assert (await rest("POST", "/v2/products", content=VALID, headers={"Content-Type": kind})).status_code == 201


@pytest.mark.usefixtures("untouched")
async def test_a_body_of_twenty_megabytes_is_not_read_to_its_end(rest: Client) -> None:
    sent = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        for _ in range(320):
            sent += 65_536
            yield b" " * 65_536

    answer = await rest("POST", "/v2/products", content=endless(), headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "validation_error")
    assert sent <= BODY_MAX + 2 * 65_536


@pytest.mark.usefixtures("untouched")
async def test_what_content_length_says_is_refused_but_never_believed(rest: Client) -> None:
    large = b" " * (BODY_MAX + 1)
    for announced in ("7", "0", "-1", "nonsense", str(len(large)), "9" * 100):
        answer = await rest("POST", "/v2/products", content=large, headers={**JSON, "Content-Length": announced})
        assert answer.status_code == 413
    answer = await rest("POST", "/v2/products", content=b"{}", headers={**JSON, "Content-Length": str(BODY_MAX + 1)})
    assert answer.status_code == 413


async def test_a_body_of_exactly_one_mebibyte_is_taken(rest: Client) -> None:
    body = VALID + b" " * (BODY_MAX - len(VALID))
    assert (await rest("POST", "/v2/products", content=body, headers=JSON)).status_code == 201


async def test_money_never_passes_through_a_float(rest: Client) -> None:
    body = VALID.replace(b"5", b"4503599627370.49")
    answer = await rest("POST", "/v2/products", content=body, headers=JSON)
    assert b'"price":4503599627370.49' in compact(answer.content)
    assert orjson.loads(answer.content)["currency"] == "gbp"


async def test_numbers_may_be_written_in_any_notation(rest: Client) -> None:
    body = b'{"name": "Mug", "price": 2.0e2, "sku": "M", "variants": [{"sku": "M", "inventory": 3.0}]}'
    answer = await rest("POST", "/v2/products", content=body, headers=JSON)
    assert b'"price":200.00' in compact(answer.content)
    assert answer.json()["variants"][0]["inventory"] == 3


async def test_a_key_without_the_scope_is_refused_before_its_body_is_judged(
    http: httpx.AsyncClient, shop: Shop, make_key: Any
) -> None:
    reader = Client(http, await make_key(shop.live, "products:read"))
    answer = await reader("POST", "/v2/products", content=b"{", headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "authorization_error")
    assert "products:write" in answer.json()["error"]["message"]
