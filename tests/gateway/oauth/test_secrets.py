"""No secret of OAuth leaves by a log line, a span or an error, nor is one in the database: a run is searched."""

from __future__ import annotations

import secrets

import httpx

from domain.access import oauth
from domain.kernel.database import Database
from domain.kernel.sql.tables import Base
from tests.conftest import Shop
from tests.gateway.collector import collecting
from tests.gateway.oauth.conftest import CALLBACK, PASSWORD, Account, Application, Browser, MakeClient, Proof
from tests.gateway.server_process import serving

WRONG = "a password that is wrong"


async def run(http: httpx.AsyncClient, account: Account, client: Application, link: str) -> tuple[set[str], list[str]]:
    """Everything that users and clients do, also wrongly; answers the secrets and the bodies of refusals."""
    browser, proof = Browser(http), Proof()
    invited = await browser.submit(f"/account/invitation?token={link}", password=PASSWORD, repeated=PASSWORD)
    assert invited.status_code == 303, invited.text
    refused = [await browser.sign_in(account, WRONG)]
    assert (await browser.sign_in(account)).status_code == 303
    used = {cookie.value or "" for cookie in http.cookies.jar} | {proof.verifier, str(client.secret), link}
    code = await browser.code(client, proof)
    exchange = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}

    async def post(path: str = "/oauth/token", **given: str) -> httpx.Response:
        return await http.post(path, data=given, headers=client.basic)

    refused.append(await post(**exchange, code_verifier="A" * 43))
    first = (await post(**exchange, code_verifier=proof.verifier)).json()
    second = (await post(grant_type="refresh_token", refresh_token=first["refresh_token"])).json()
    used |= {code, *(each[name] for each in (first, second) for name in ("access_token", "refresh_token"))}
    assert (await post("/oauth/introspect", token=second["access_token"])).json()["active"]
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await http.get("/v2/orders", headers=bearer)).status_code == 200
    refused.append(await post(grant_type="refresh_token", refresh_token=first["refresh_token"]))
    refused.append(await http.get("/v2/orders", headers=bearer))
    refused.append(await post(**exchange, code_verifier=proof.verifier))
    refused.append(await http.get(f"/oauth/authorize?client_id={client.id}&redirect_uri=https://evil.example/{code}"))
    assert [answer.status_code for answer in refused] == [400, 400, 400, 401, 400, 400]
    return used | {PASSWORD, WRONG}, [answer.text for answer in refused]


async def stored(database: Database) -> str:
    """All that the tables of users and of OAuth hold, and the audit log."""
    found = []
    async with database.system_connection() as connection:
        for name in Base.metadata.tables:
            if name.startswith(("oauth_", "user_", "account_user", "audit_entry")):
                rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {name} AS t")
                assert rows, name
                found += [row[0] for row in rows]
    return "\n".join(found)


async def test_no_secret_of_a_run_leaves_or_is_stored(
    database: Database, database_url: str, shop: Shop, make_client: MakeClient
) -> None:
    client = await make_client(type=oauth.ClientType.CONFIDENTIAL)
    email = f"{secrets.token_hex(6)}@example.com"
    async with database.admin_transaction() as administration:
        given = {"email": email, "name": "Jane", "role": oauth.UserRole.OWNER}
        account = shop.live.store.account_id
        invited = await oauth.invite_user(administration, database.clock(), account, **given)  # type: ignore[arg-type]
    with collecting() as collector:
        settings = {"GATEWAY_LOG_LEVEL": "debug", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        async with serving(database_url, **settings) as server:
            async with httpx.AsyncClient(base_url=server.base, timeout=20) as http:
                used, refused = await run(http, Account(invited.user_id, email), client, invited.secret)
            assert await server.stop() == 0
            log = server.written
        traces = b"".join(collector.bodies).decode("latin-1")
    told = {"log": log, "traces": traces, "errors": "".join(refused), "database": await stored(database)}
    assert all(len(text) > 500 for text in told.values())
    assert len(used) == 12
    leaks = [(where, secret[:12]) for where, text in told.items() for secret in used if secret in text]
    # The page that refuses a redirect URI shows it to who sent it, and a code in it is used up.
    assert [each for each in leaks if each[0] != "errors"] == []
    assert not {secret for secret in used if secret in "".join(refused[:-1])}
    assert email not in log
