"""The token endpoint: what is issued for what, and every way in which it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.access import oauth
from domain.access.service.authentication import hash_secret
from domain.kernel.database import Database
from tests.conftest import Shop
from tests.gateway.conftest import Serving
from tests.gateway.oauth.conftest import (
    CALLBACK,
    Account,
    Application,
    Browser,
    Exchange,
    MakeClient,
    MakeUser,
    Proof,
    works,
)


def refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def counts(database: Database, principal: Any) -> tuple[int, ...]:
    """How many clients, grants, codes and tokens the store has."""
    async with database.system_connection() as connection:
        return tuple(
            [
                await connection.fetchval(f"SELECT count(*) FROM {table} WHERE store_id = $1", principal.store.number)
                for table in ("oauth_client", "oauth_grant", "oauth_code", "oauth_token")
            ]
        )


async def test_a_code_is_exchanged_for_tokens_that_say_what_they_are(
    tokens: dict[str, Any], web: httpx.AsyncClient, database: Database
) -> None:
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["scope"] == "products:read orders:read"
    assert tokens["access_token"].startswith("live_at_")
    assert tokens["refresh_token"].startswith("live_rt_")
    assert await works(web, tokens["access_token"])
    assert not await works(web, tokens["refresh_token"])
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT kind, token_hash, expires_at - created_at AS lifetime FROM oauth_token WHERE token_hash = ANY ($1)",
            [hash_secret(tokens["access_token"]), hash_secret(tokens["refresh_token"])],
        )
    assert {row["kind"]: row["lifetime"] for row in rows} == {
        "access": timedelta(hours=1),
        "refresh": timedelta(days=30),
    }


async def test_answers_with_tokens_are_not_cached(confidential: Application, exchange: Exchange) -> None:
    answer = await exchange(confidential, grant_type="client_credentials")
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["content-type"] == "application/json"


async def test_client_credentials_are_for_confidential_clients(
    confidential: Application, public: Application, exchange: Exchange, web: httpx.AsyncClient
) -> None:
    granted = (await exchange(confidential, grant_type="client_credentials", scope="orders:read")).json()
    assert granted["scope"] == "orders:read"
    assert "refresh_token" not in granted
    refused(await exchange(public, grant_type="client_credentials"), "invalid_client", 401)


async def test_a_client_with_credentials_is_the_same_caller_with_every_token(
    confidential: Application, exchange: Exchange, web: httpx.AsyncClient
) -> None:
    """So that a request repeated after a restart finds its idempotency record."""
    both = await asyncio.gather(*(exchange(confidential, grant_type="client_credentials") for _ in range(2)))
    tokens = [answer.json()["access_token"] for answer in both]
    assert tokens[0] != tokens[1]
    body, key = {"name": "Mug", "sku": "MUG", "price": 5}, {"Idempotency-Key": "once"}
    answers = [
        await web.post("/v2/products", json=body, headers={"Authorization": f"Bearer {token}", **key})
        for token in tokens
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("secret", ["", "wrong", "live_cs_" + "A" * 43])
async def test_a_wrong_secret_is_refused_with_the_scheme_that_is_expected(
    web: httpx.AsyncClient, confidential: Application, secret: str
) -> None:
    given = {"grant_type": "client_credentials"}
    basic = Application(confidential.id, secret).basic
    answer = await web.post("/oauth/token", data=given, headers=basic)
    refused(answer, "invalid_client", 401)
    assert answer.headers["www-authenticate"].startswith("Basic")
    answer = await web.post("/oauth/token", data={**given, "client_id": confidential.id, "client_secret": secret})
    assert answer.json()["error"] == "invalid_client"


async def test_a_secret_may_be_sent_in_the_form_but_not_in_both(
    web: httpx.AsyncClient, confidential: Application
) -> None:
    given = {"grant_type": "client_credentials", "client_id": confidential.id, "client_secret": confidential.secret}
    assert (await web.post("/oauth/token", data=given)).status_code == 200
    refused(await web.post("/oauth/token", data=given, headers=confidential.basic), "invalid_request")


async def test_a_confidential_client_must_present_its_secret_for_a_code(
    browser: Browser, user: Account, confidential: Application, web: httpx.AsyncClient, exchange: Exchange
) -> None:
    await browser.sign_in(user)
    code = await browser.code(confidential)
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    without = await web.post("/oauth/token", data={**given, "client_id": confidential.id})
    refused(without, "invalid_client", 401)
    assert (await exchange(confidential, **given)).status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic /w==", "Bearer x", "Basic Og==x"])
async def test_an_authorization_header_that_cannot_be_read_is_refused(web: httpx.AsyncClient, header: str) -> None:
    given = {"grant_type": "client_credentials"}
    refused(await web.post("/oauth/token", data=given, headers={"Authorization": header}), "invalid_client", 401)


@pytest.mark.parametrize(
    "body",
    [
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=refresh_token&refresh_token=a&refresh_token=b",
        "grant_type=client_credentials&scope=orders%3Aread&scope=orders%3Awrite",
        "grant_type=client_credentials&scope=",
        "grant_type=%FF",
        "grant_type=client_credentials&scope=%22",
        "scope=orders%3Aread",
        "&".join(f"p{number}=1" for number in range(51)),
        "",
    ],
)
async def test_malformed_requests_are_refused_and_issue_nothing(
    web: httpx.AsyncClient, confidential: Application, database: Database, shop: Shop, body: str
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", **confidential.basic}
    answer = await web.post("/oauth/token", content=body, headers=form)
    if body.endswith("scope="):  # without a value a parameter counts as left out (RFC 6749, 3.1)
        assert answer.status_code == 200
    else:
        refused(answer, "invalid_request")
        assert await counts(database, shop.live) == (1, 0, 0, 0)


async def test_other_bodies_methods_and_sizes_are_refused(web: httpx.AsyncClient, confidential: Application) -> None:
    json = await web.post("/oauth/token", json={"grant_type": "client_credentials"}, headers=confidential.basic)
    refused(json, "invalid_request", 415)
    large = await web.post("/oauth/token", data={"grant_type": "x" * 70_000}, headers=confidential.basic)
    refused(large, "invalid_request", 413)
    got = await web.get("/oauth/token?grant_type=client_credentials", headers=confidential.basic)
    assert (got.status_code, got.headers["allow"]) == (405, "POST")


async def test_unknown_grant_types_and_clients_are_refused(
    web: httpx.AsyncClient, confidential: Application, exchange: Exchange
) -> None:
    refused(await exchange(confidential, grant_type="password", username="a", password="b"), "unsupported_grant_type")
    nobody = Application("cli_00000000000000000000000000", "x")
    refused(await exchange(nobody, grant_type="client_credentials"), "invalid_client", 401)
    nobody = Application("cli_00000000000000000000000000", None)
    refused(await exchange(nobody, grant_type="refresh_token", refresh_token="x"), "invalid_client")


@pytest.mark.parametrize("scope", ["orders:delete", "orders:read nonsense", "customers:read"])
async def test_scopes_that_are_unknown_or_not_the_clients_are_refused(
    make_client: MakeClient, exchange: Exchange, scope: str
) -> None:
    narrow = await make_client(type=oauth.ClientType.CONFIDENTIAL, scopes=("orders:read", "orders:write"))
    refused(await exchange(narrow, grant_type="client_credentials", scope=scope), "invalid_scope")


async def code_request(browser: Browser, user: Account, client: Application) -> tuple[Proof, dict[str, str]]:
    """A code of a client that may be exchanged, and the request that does it."""
    proof = Proof()
    await browser.sign_in(user)
    code = await browser.code(client, proof)
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return proof, {**given, "code_verifier": proof.verifier}


async def test_a_code_is_exchanged_once_and_its_replay_ends_what_it_became(
    browser: Browser, user: Account, public: Application, exchange: Exchange, web: httpx.AsyncClient
) -> None:
    _, given = await code_request(browser, user, public)
    first = await exchange(public, **given)
    tokens = first.json()
    assert await works(web, tokens["access_token"])
    refused(await exchange(public, **given), "invalid_grant")
    assert not await works(web, tokens["access_token"])
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(await exchange(public, **refresh), "invalid_grant")


async def test_of_many_exchanges_at_once_one_succeeds(
    browser: Browser, user: Account, public: Application, exchange: Exchange, database: Database, shop: Shop
) -> None:
    _, given = await code_request(browser, user, public)
    answers = await asyncio.gather(*(exchange(public, **given) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 7]
    assert await counts(database, shop.live) == (1, 1, 1, 2)


async def test_a_code_is_of_its_client_alone(
    browser: Browser, user: Account, public: Application, make_client: MakeClient, exchange: Exchange
) -> None:
    _, given = await code_request(browser, user, public)
    other = await make_client()
    refused(await exchange(other, **given), "invalid_grant")
    assert (await exchange(public, **given)).status_code == 200


@pytest.mark.parametrize("uri", ["https://app.example/callback/", "https://app.example/other", None])
async def test_a_code_is_bound_to_its_redirect_uri(
    browser: Browser, user: Account, public: Application, exchange: Exchange, uri: str | None
) -> None:
    _, given = await code_request(browser, user, public)
    del given["redirect_uri"]
    refused(await exchange(public, **given, **({} if uri is None else {"redirect_uri": uri})), "invalid_grant")


@pytest.mark.parametrize("verifier", ["", "short", "A" * 43, "ä" * 43])
async def test_a_code_is_bound_to_its_verifier(
    browser: Browser, user: Account, public: Application, exchange: Exchange, verifier: str
) -> None:
    _, given = await code_request(browser, user, public)
    answer = await exchange(public, **{**given, "code_verifier": verifier})
    refused(answer, "invalid_grant" if verifier == "A" * 43 else "invalid_request")
    assert (await exchange(public, **given)).status_code == 200


async def test_a_challenge_that_a_confidential_client_sends_is_enforced(
    browser: Browser, user: Account, confidential: Application, exchange: Exchange
) -> None:
    _, given = await code_request(browser, user, confidential)
    without = {name: value for name, value in given.items() if name != "code_verifier"}
    refused(await exchange(confidential, **without), "invalid_request")
    assert (await exchange(confidential, **given)).status_code == 200


async def test_a_verifier_without_a_challenge_is_refused(
    browser: Browser, user: Account, confidential: Application, exchange: Exchange
) -> None:
    """A challenge that was cut out on the way (RFC 9700, 4.8.2)."""
    await browser.sign_in(user)
    code = await browser.code(confidential)
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    refused(await exchange(confidential, **given, code_verifier="A" * 43), "invalid_request")


async def age(database: Database, table: str, column: str, secret: str, by: timedelta) -> None:
    """Let a code or token have been issued earlier."""
    async with database.system_connection() as connection:
        done = await connection.execute(
            f"UPDATE {table} SET created_at = created_at - $2::interval, expires_at = expires_at - $2::interval "
            f"WHERE {column} = $1",
            hash_secret(secret),
            by,
        )
    assert done == "UPDATE 1"


async def test_a_code_expires(
    browser: Browser, user: Account, public: Application, exchange: Exchange, database: Database
) -> None:
    _, given = await code_request(browser, user, public)
    await age(database, "oauth_code", "code_hash", given["code"], timedelta(minutes=5))
    refused(await exchange(public, **given), "invalid_grant")


async def test_access_and_refresh_tokens_expire(
    tokens: dict[str, Any], public: Application, exchange: Exchange, database: Database, web: httpx.AsyncClient
) -> None:
    await age(database, "oauth_token", "token_hash", tokens["access_token"], timedelta(hours=1))
    assert not await works(web, tokens["access_token"])
    await age(database, "oauth_token", "token_hash", tokens["refresh_token"], timedelta(days=30))
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(await exchange(public, **given), "invalid_grant")


async def test_refreshing_rotates_and_a_replay_ends_the_family(
    tokens: dict[str, Any], public: Application, exchange: Exchange, web: httpx.AsyncClient, database: Database
) -> None:
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    second = (await exchange(public, **given)).json()
    assert second["refresh_token"] != tokens["refresh_token"]
    assert second["scope"] == tokens["scope"]
    assert await works(web, second["access_token"])
    refused(await exchange(public, **given), "invalid_grant")  # the thief, or the victim after the thief
    assert not await works(web, second["access_token"])
    assert not await works(web, tokens["access_token"])
    after = {"grant_type": "refresh_token", "refresh_token": second["refresh_token"]}
    refused(await exchange(public, **after), "invalid_grant")
    async with database.system_connection() as connection:
        reason = await connection.fetchval(
            "SELECT end_reason FROM oauth_grant WHERE id = (SELECT grant_id FROM oauth_token WHERE token_hash = $1)",
            hash_secret(tokens["refresh_token"]),
        )
    assert reason == "refresh_replayed"


async def test_of_two_refreshes_at_once_one_succeeds(
    tokens: dict[str, Any], public: Application, exchange: Exchange
) -> None:
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answers = await asyncio.gather(*(exchange(public, **given) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_refreshing_can_narrow_the_access_token_but_not_widen_it(
    tokens: dict[str, Any], public: Application, exchange: Exchange
) -> None:
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(await exchange(public, **given, scope="orders:read orders:write"), "invalid_scope")
    narrow = (await exchange(public, **given, scope="orders:read")).json()
    assert narrow["scope"] == "orders:read"
    given["refresh_token"] = narrow["refresh_token"]
    assert (await exchange(public, **given)).json()["scope"] == tokens["scope"]


async def test_a_refresh_token_is_of_its_client_alone(
    tokens: dict[str, Any], public: Application, make_client: MakeClient, exchange: Exchange
) -> None:
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(await exchange(await make_client(), **given), "invalid_grant")
    refused(await exchange(public, grant_type="refresh_token", refresh_token=tokens["access_token"]), "invalid_grant")
    assert (await exchange(public, **given)).status_code == 200


async def test_revoking_either_token_ends_both(
    tokens: dict[str, Any], public: Application, exchange: Exchange, web: httpx.AsyncClient
) -> None:
    answer = await web.post("/oauth/revoke", data={"client_id": public.id, "token": tokens["access_token"]})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not await works(web, tokens["access_token"])
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(await exchange(public, **given), "invalid_grant")
    again = await web.post("/oauth/revoke", data={"client_id": public.id, "token": tokens["refresh_token"]})
    assert again.status_code == 200


async def test_revocation_is_for_the_client_of_the_token(
    tokens: dict[str, Any], make_client: MakeClient, confidential: Application, web: httpx.AsyncClient, shop: Shop
) -> None:
    other, abroad = await make_client(), await make_client(shop.test)
    for client in (other, abroad):
        answer = await web.post("/oauth/revoke", data={"client_id": client.id, "token": tokens["refresh_token"]})
        assert answer.status_code == (400 if client is other else 200)  # of another store it is an unknown token
    without = await web.post("/oauth/revoke", data={"client_id": confidential.id, "token": tokens["refresh_token"]})
    refused(without, "invalid_client", 401)
    assert await works(web, tokens["access_token"])
    unknown = await web.post("/oauth/revoke", data={"client_id": other.id, "token": "x", "token_type_hint": "y"})
    assert unknown.status_code == 200
    refused(await web.post("/oauth/revoke", data={"client_id": other.id}), "invalid_request")


async def test_introspection_describes_a_clients_own_tokens(
    browser: Browser,
    user: Account,
    confidential: Application,
    make_client: MakeClient,
    exchange: Exchange,
    web: httpx.AsyncClient,
) -> None:
    _, given = await code_request(browser, user, confidential)
    tokens = (await exchange(confidential, **given)).json()

    async def introspect(token: str, client: Application = confidential) -> Any:
        answer = await web.post("/oauth/introspect", data={"token": token}, headers=client.basic)
        assert answer.status_code == 200, answer.text
        return answer.json()

    about = await introspect(tokens["access_token"])
    assert about["exp"] - about["iat"] == 3600
    assert {name: about[name] for name in ("active", "client_id", "sub", "scope", "token_type")} == {
        "active": True,
        "client_id": confidential.id,
        "sub": user.id,
        "scope": "products:read orders:read",
        "token_type": "Bearer",
    }
    assert (await introspect(tokens["refresh_token"]))["active"] is True
    foreign = await make_client(type=oauth.ClientType.CONFIDENTIAL)
    assert await introspect(tokens["access_token"], foreign) == {"active": False}
    assert await introspect("unknown") == {"active": False}
    await web.post("/oauth/revoke", data={"token": tokens["refresh_token"]}, headers=confidential.basic)
    assert await introspect(tokens["access_token"]) == {"active": False}
    assert await introspect(tokens["refresh_token"]) == {"active": False}


async def test_public_clients_cannot_introspect(
    tokens: dict[str, Any], public: Application, web: httpx.AsyncClient
) -> None:
    answer = await web.post("/oauth/introspect", data={"client_id": public.id, "token": tokens["access_token"]})
    refused(answer, "invalid_client", 401)


async def test_a_user_who_is_removed_takes_the_grants_along(
    tokens: dict[str, Any],
    user: Account,
    public: Application,
    exchange: Exchange,
    web: httpx.AsyncClient,
    database: Database,
    shop: Shop,
) -> None:
    async with database.admin_transaction() as administration:
        await oauth.remove_user(administration, database.clock(), shop.live.store.account_id, user.email)
    async with asyncio.timeout(3):  # it was removed in another process: two seconds are promised
        while await works(web, tokens["access_token"]):
            await asyncio.sleep(0.1)
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(await exchange(public, **given), "invalid_grant")


async def test_a_grant_never_exceeds_the_role_of_its_user(
    browser: Browser,
    make_user: MakeUser,
    public: Application,
    exchange: Exchange,
    web: httpx.AsyncClient,
    database: Database,
) -> None:
    support = await make_user(role=oauth.UserRole.SUPPORT)
    proof = Proof()
    await browser.sign_in(support)
    asked = {"scope": "orders:read orders:write access:write", "code_challenge": proof.challenge}
    code = await browser.code(public, None, **asked, code_challenge_method="S256")
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    tokens = (await exchange(public, **given, code_verifier=proof.verifier)).json()
    assert tokens["scope"] == "orders:read orders:write"
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    async with database.system_connection() as connection:  # the role shrinks afterwards
        await connection.execute("UPDATE account_user SET role = 'read_only' WHERE id = $1", support.id)
    async with asyncio.timeout(3):
        while "orders:write" in (await web.get("/v2/viewer", headers=bearer)).json()["scopes"]:
            await asyncio.sleep(0.1)
    refreshed = (await exchange(public, grant_type="refresh_token", refresh_token=tokens["refresh_token"])).json()
    assert refreshed["scope"] == "orders:read"


async def test_the_library_logs_no_tokens(
    serve: Callable[..., AbstractAsyncContextManager[Serving]],
    confidential: Application,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    async with serve() as own, httpx.AsyncClient(base_url=own.url) as client:
        given = {"grant_type": "client_credentials"}
        answer = await client.post("/oauth/token", data=given, headers=confidential.basic)
    assert answer.json()["access_token"] not in caplog.text
    assert str(confidential.secret) not in caplog.text
    assert caplog.records
