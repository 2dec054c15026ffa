"""Rotation of encryption keys: all that is stored under the old one can be read with the new one alone."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import LargeBinary

from domain import access
from domain.access.commands import CreateApiKey
from domain.areas import load_areas
from domain.kernel.crypto import Keyring
from domain.kernel.database import OWNER_ROLE, Database, DatabaseOptions
from domain.kernel.principal import Mode
from domain.kernel.sql.tables import Base
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.settings import Settings
from tests.gateway.command import gateway_here
from tests.gateway.conftest import OwnShop, Start

COLUMNS = [each for area in load_areas() for each in area.encrypted]
NEW = "new:" + b64encode(b"n" * 32).decode()
NOT_ENCRYPTED = {
    ("api_key", "secret_hash"): "a hash",
    ("idempotency_record", "fingerprint"): "a hash",
    ("idempotency_record", "answer"): "encrypted, and gone after a day",
    ("oauth_client", "secret_hash"): "a hash",
    ("oauth_code", "code_hash"): "a hash",
    ("oauth_token", "token_hash"): "a hash",
    ("user_invitation", "token_hash"): "a hash",
    ("user_session", "cookie_hash"): "a hash",
    ("bulk_mutation_line", "response"): "a response, as readable as the rows it tells of; none has a secret",
    ("shipment_label", "content"): "a label, as readable as the address beside it",
}


def test_every_column_of_bytes_is_rotated_or_needs_not_be() -> None:
    """Fails when an area encrypts a column and does not declare it."""
    declared = {(each.table, each.column) for each in COLUMNS}
    found = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary)
    }
    assert found - declared == set(NOT_ENCRYPTED)
    assert {(each.table, each.column) for each in COLUMNS if each.member is None} <= found


async def keys_of(shop: OwnShop) -> str:
    """A key of the test store: the shop's own is of the live one."""
    database = Database(DatabaseOptions(shop.url, reactions=SIGNAL_HANDLERS))
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.find_stores(administration, "Shop")
    assert stores is not None
    owner = access.system_principal(stores[Mode.TEST])
    async with database.transaction(owner) as work:
        issued = await access.create_key(work, owner, CreateApiKey(name="test", scopes=("all",)))
    await database.close()
    return issued.secret


async def fill(live: httpx.AsyncClient, test_key: str) -> str:
    """Something in every encrypted column; the id of the webhook."""

    async def send(method: str, path: str, body: Any, **options: Any) -> Any:
        answer = await live.request(method, f"/v2{path}", json=body, **options)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    hook = await send("POST", "/webhooks", {"url": "https://hooks.example.com/", "events": ["product.created"]})
    await send("POST", f"/webhooks/{hook['id']}/roll-secret", {})
    await send(
        "PUT", "/settings/payments", {"stripe_secret_key": "sk_live_0123456789", "stripe_webhook_secret": "whsec_01"}
    )
    account = {"account_number": "1", "client_id": "the-id", "client_secret": "the-secret"}
    accounts = [{"carrier": each, **account} for each in ("fedex", "ups")]
    await send("PUT", "/settings/shipping", {"accounts": accounts})
    bearer = {"Authorization": f"Bearer {test_key}"}
    intent = await send("POST", "/payments/intents", {"amount": 900, "capture_method": "automatic"}, headers=bearer)
    path = f"/sandbox/payments/{intent['payments'][0]['id']}/dispute"
    dispute = await send("POST", path, {}, headers=bearer)
    evidence = {"evidence": {"transaction_details": "Jugs."}}
    await send("POST", f"/payments/disputes/{dispute['id']}/respond", evidence, headers=bearer)
    file = await live.post(
        f"/v2/payments/disputes/{dispute['id']}/files",
        params={"evidence_type": "shipping_proof", "name": "proof.txt"},
        content=b"Left outside.",
        headers={**bearer, "Content-Type": "text/plain"},
    )
    assert file.status_code == 201, file.text
    return str(hook["id"])


async def stored(url: str) -> dict[str, list[tuple[bytes, str]]]:
    """All ciphertexts, with their contexts, by column."""
    connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE})
    found: dict[str, list[tuple[bytes, str]]] = {}
    try:
        for column in COLUMNS:
            query = (
                f"SELECT store_id, id, {column.column} AS value FROM {column.table} WHERE {column.column} IS NOT NULL"
            )
            values = found[column.name] = []
            for row in await connection.fetch(query):
                place = {"store": row["store_id"], "id": row["id"]}
                if column.member is None:
                    values.append((row["value"], column.context.format(**place)))
                    continue
                for entry in orjson.loads(row["value"]):
                    context = column.context.format(**entry, **place)
                    values.append((b64decode(entry[column.member]), context))
    finally:
        await connection.close()
    return found


def rotate(url: str, keys: str) -> Any:
    """Run the command."""
    return gateway_here("secrets", "rotate", GATEWAY_DATABASE_URL=url, GATEWAY_ENCRYPTION_KEYS=keys)


@pytest.fixture
def old_keys(settings: Settings) -> str:
    """The keys of the tests."""
    assert settings.encryption_keys is not None
    return settings.encryption_keys.get_secret_value()


async def test_everything_is_encrypted_anew_while_a_gateway_serves(
    start: Start, own_shop: OwnShop, old_keys: str
) -> None:
    """A gateway with both keys goes on; afterwards the new key alone reads all. Run again, nothing is left to do."""
    async with start() as live:
        hook = await fill(live, await keys_of(own_shop))
    before = await stored(own_shop.url)
    assert {name: len(values) for name, values in before.items() if not values} == {}
    async with start(encryption_keys=SecretStr(f"{NEW},{old_keys}")) as serving:
        done = rotate(own_shop.url, f"{NEW},{old_keys}")
        assert done.returncode == 0, done.stderr
        assert (await serving.post(f"/v2/webhooks/{hook}/test", json={})).status_code in (200, 201, 202)
    after, ring = await stored(own_shop.url), Keyring.parse(NEW)
    assert {name: len(values) for name, values in after.items()} == {name: len(found) for name, found in before.items()}
    old = Keyring.parse(old_keys)
    for name, values in after.items():
        plain = [old.decrypt(value, context) for value, context in before[name]]
        assert sorted(ring.decrypt(value, context) for value, context in values) == sorted(plain), name
    counts = [line.partition(": ")[2] for line in rotate(own_shop.url, NEW).stdout.splitlines()]
    assert set(counts) == {"0 encrypted anew"}


async def test_what_no_key_can_read_is_named_and_stays(start: Start, own_shop: OwnShop) -> None:
    async with start() as live:
        await live.post("/v2/webhooks", json={"url": "https://hooks.example.com/", "events": ["product.created"]})
    before = await stored(own_shop.url)
    done = rotate(own_shop.url, NEW)
    assert done.returncode == 1
    assert "webhook.secret: 0 encrypted anew, 1 that no key can read" in done.stdout
    assert await stored(own_shop.url) == before
