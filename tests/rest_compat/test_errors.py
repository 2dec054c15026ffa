"""Errors of routes and methods, and what callers without a key learn."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import Client


async def test_unknown_addresses_are_not_found_with_a_key(http: httpx.AsyncClient, rest: Client) -> None:
    """Without one, 401 comes before 404 (contract.md, 4)."""
    for path in ("/v2", "/v2/", "/v2/nothing", "/v2/products/"):
        without, found = await http.get(path), await rest("GET", path)
        for answer, status, code in ((without, 401, "authentication_error"), (found, 404, "not_found")):
            assert answer.status_code == status
            assert answer.json()["error"]["code"] == code
            assert answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]


async def test_a_missing_method_names_those_there_are(rest: Client) -> None:
    answer = await rest("PATCH", "/v2/products/prod_x")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "DELETE, GET, HEAD, PUT")
    assert answer.json()["error"]["code"] == "validation_error"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/products/7"])
async def test_version_one_is_gone_and_points_to_two(http: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == 410
    assert answer.headers["Sunset"] == "Wed, 31 Mar 2027 23:59:59 GMT"
    assert answer.headers["Deprecation"] == "@1767225600"
    assert answer.headers["Link"] == '</v2>; rel="successor-version"'
    if method != "HEAD":
        assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic abc", "Bearer live_unknown"])
async def test_without_a_working_key_nobody_learns_what_exists(http: httpx.AsyncClient, given: str) -> None:
    for path in ("/v2/products", "/v2/products/unknown", "/v2/products?limit=nonsense"):
        answer = await http.get(path, headers={"Authorization": given} if given else {})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "authentication_error"


async def test_an_answer_that_nobody_can_take_is_refused(rest: Client) -> None:
    refused = ["text/html", "application/json;q=0", "application/json;q=0, */*", "application/*;q=0.0"]
    taken = [
        "*/*",
        "application/*",
        "APPLICATION/JSON; charset=utf-8",
        "text/html, */*;q=0.1",
        "",
        "*/*;q=0, application/json",
    ]
    for accept in refused:
        assert (await rest("GET", "/v2/shop", headers={"Accept": accept})).status_code == 406, accept
    for accept in taken:
        assert (await rest("GET", "/v2/shop", headers={"Accept": accept})).status_code == 200, accept


async def test_head_is_get_without_its_body(rest: Client) -> None:
    for path in ("/v2/viewer", "/v2/products", "/v2/products/unknown", "/v2/openapi.json"):
        plain = {"Accept-Encoding": "identity"}
        get, head = await rest("GET", path, headers=plain), await rest("HEAD", path, headers=plain)
        assert head.status_code == get.status_code
        assert head.content == b""
        assert head.headers["Content-Length"] == get.headers["Content-Length"]
        assert head.headers.get("ETag") == get.headers.get("ETag")
