"""D13: zstd and Brotli beside gzip. D7: a 304 says what the 200 says. D14: preflights. A14: `Location`."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator, Callable
from typing import Any

import brotli
import httpx
import pytest
import zstandard
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from gateway.app import build
from gateway.settings import Settings
from gateway.web import Compression
from rest_compat import ENDPOINTS
from tests.conftest import Client, MakeCustomer, MakeProduct
from tests.gateway.test_compression import LONG, raw

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
CODINGS = [*DECODERS, "identity"]


@pytest.mark.parametrize("coding", DECODERS)
async def test_d13_an_answer_comes_in_the_coding_asked_for(rest: Client, coding: str) -> None:
    """Whole, smaller, with its own length. Taken out: each coding."""
    _, whole = await raw(rest, "POST", "/graphql", json={"query": LONG}, headers={"Accept-Encoding": "identity"})
    answer, squeezed = await raw(rest, "POST", "/graphql", json={"query": LONG}, headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Content-Length"] == str(len(squeezed))
    assert DECODERS[coding](squeezed) == whole
    assert len(squeezed) < len(whole) / 3


@pytest.mark.parametrize("coding", DECODERS)
async def test_d13_parts_are_sent_on_as_they_come(coding: str) -> None:
    """A download in parts is compressed in parts, each readable at once. Taken out: the flush."""

    async def parts() -> Any:
        for number in range(5):
            yield str(number).encode() * 2_000

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(parts(), media_type="text/plain")(scope, receive, send)

    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(Compression(app)), base_url="http://x") as client,
        client.stream("GET", "/", headers={"Accept-Encoding": coding}) as answer,
    ):
        squeezed = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["Content-Encoding"] == coding
    assert DECODERS[coding](squeezed) == b"".join(str(number).encode() * 2_000 for number in range(5))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("length", [1, 5_000])
async def test_d7_a_304_has_the_headers_of_the_200(
    rest: Client, make_product: MakeProduct, make_customer: MakeCustomer, coding: str, length: int
) -> None:
    """RFC 9110, 15.4.5; of short answers and long ones. Taken out: `unsent_bytes` (the tag), the Vary of short ones."""
    product, customer = await make_product(description="x" * length), await make_customer()
    for path in (f"/v2/products/{product.id}", f"/v2/customers/{customer.id}"):
        headers = {"Accept-Encoding": coding}
        full = await rest("GET", path, headers=headers)
        unchanged = await rest("GET", path, headers={**headers, "If-None-Match": full.headers["ETag"]})
        seen = await rest("HEAD", path, headers=headers)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control"):
            assert unchanged.headers[name] == full.headers[name] == seen.headers[name]


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.method == "GET"], ids=lambda endpoint: endpoint.name)
async def test_d7_a_condition_that_cannot_be_read_is_none(rest: Client, endpoint: Any) -> None:
    """On every route, for every condition of reads. Taken out: that `is_known` raises no more."""
    if "stream" in endpoint.path:
        return
    path = "/v2" + endpoint.path
    for name, kind in endpoint.ids.items():
        path = path.replace(f"{{{name}}}", f"{kind.prefix}_{'0' * 26}")
    plain = (await rest("GET", path)).status_code
    for condition in ("If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"):
        for value in ("", "nonsense", '"', "*, *", "Mon, 99 Foo 2026", "bytes=x"):
            assert (await rest("GET", path, headers={condition: value})).status_code == plain


async def test_d7_if_match_that_cannot_be_read_is_still_refused(rest: Client, make_product: MakeProduct) -> None:
    """A write that was to depend on it must not go ahead. Fails when ``_tags`` takes it for none."""
    product = await make_product()
    path = f"/v2/products/{product.id}"
    answer = await rest("PUT", path, json={"name": "New"}, headers={"If-Match": "nonsense"})
    assert answer.status_code == 400
    assert (await rest("GET", path)).json()["name"] == product.name


MAKES_NOTHING = {
    "addTrackingEvent", "adjustInventories", "advanceShipment", "approveReturn", "archiveProducts", "assignOrders",
    "calculateShippingRates", "cancelJob", "cancelOrder", "cancelPaymentIntent", "cancelPurchaseOrder",
    "cancelShipment",
    "capturePaymentIntent", "closeReturn", "closeSandboxDispute", "confirmPaymentIntent", "eraseCustomer",
    "previewWebhook", "previewWebhookQuery", "receivePurchaseOrder", "receiveReturn", "redeliverWebhook",
    "redeliverWebhookDelivery", "refundReturn", "rejectReturn", "reportCustom", "respondToDispute", "rollWebhookSecret",
    "setDefaultAddress", "setInventory", "settleSandboxPayment", "settleSandboxRefund", "updateProducts",
}  # fmt: skip
"""POSTs that change what is there, or only reckon."""


def test_a14_only_what_makes_something_has_a_location() -> None:
    """By declaration, which the answers and the OpenAPI document are both made from. Taken out: `creates`."""
    for endpoint in ENDPOINTS:
        is_made = endpoint.method == "POST" and endpoint.response is not None and endpoint.name not in MAKES_NOTHING
        assert endpoint.creates == is_made, endpoint.name


async def test_a14_location_is_of_what_was_made(
    rest: Client, make_product: MakeProduct, make_customer: MakeCustomer
) -> None:
    """Taken out: the question in `Writes`; PUT and set-default then name a place."""
    product, customer = await make_product(), await make_customer()
    address = {"line1": "1 High Street", "city": "London", "zip": "N1", "country": "GB"}
    path = f"/v2/customers/{customer.id}"
    made = await rest("POST", f"{path}/addresses", json=address)
    assert made.status_code == 201
    assert (await rest("GET", made.headers["Location"])).status_code == 200
    for method, where, body in (
        ("PUT", f"/v2/products/{product.id}", {"name": "New"}),
        ("PUT", path, {"first_name": "New"}),
        ("PUT", made.headers["Location"], {"line1": "2 High Street"}),
        ("POST", f"{made.headers['Location']}/set-default", {}),
    ):
        answer = await rest(method, where, json=body)
        assert answer.status_code in (200, 201)
        assert "Location" not in answer.headers, where


@pytest.fixture
async def listed(settings: Settings, database: Database, log: EventLog) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a gateway that lists one origin."""
    app = build(settings.model_copy(update={"cors_origins": ("https://shop.example",)}), database)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


def preflight(headers: str, origin: str = "https://shop.example") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": headers,
    }


@pytest.mark.parametrize(
    "headers",
    [
        "apollographql-client-name",
        "authorization,content-type,apollographql-client-version",
        "x-a, X-B ,x-c",
        "baggage",
    ],
)
async def test_d14_a_listed_origin_may_send_any_header(listed: httpx.AsyncClient, headers: str) -> None:
    """Taken out: the echo."""
    answer = await listed.options("/graphql", headers=preflight(headers))
    assert answer.status_code == 200
    allowed = [each.strip() for each in answer.headers["Access-Control-Allow-Headers"].split(",")]
    assert allowed == [each.strip() for each in headers.split(",")]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Access-Control-Request-Headers" in answer.headers["Vary"]


@pytest.mark.parametrize("headers", ["x y", "x\ty", "x:y", "<script>", "x," * 60, "x" * 3_000, "é"])
async def test_d14_what_is_no_list_of_names_is_not_echoed(listed: httpx.AsyncClient, headers: str) -> None:
    """Taken out: the check of names, and the limits."""
    asked = {name: value.encode() for name, value in preflight(headers).items()}
    answer = await listed.options("/graphql", headers=asked)
    if headers.strip("x,"):
        assert answer.status_code == 400
    assert len(answer.headers.get("Access-Control-Allow-Headers", "")) < 2_100
    assert "script" not in str(answer.headers)
    assert " y" not in answer.headers.get("Access-Control-Allow-Headers", "")


async def test_d14_strangers_get_nothing(listed: httpx.AsyncClient) -> None:
    """Taken out: that the origin is looked at first; the headers are then echoed to anybody."""
    for origin in ("https://evil.example", "null", "https://shop.example.evil.example"):
        answer = await listed.options("/graphql", headers=preflight("x-anything", origin))
        assert answer.status_code == 400
        assert not [name for name in answer.headers if name.startswith("access-control-")]
