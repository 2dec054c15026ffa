"""One key for one purpose, derived from the configured ones; what was made before is still read."""

from __future__ import annotations

import hashlib
import hmac
import os

import orjson
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.kernel.crypto import NONCE_BYTES, DecryptionError, Keyring
from domain.kernel.database import Database
from tests.conftest import Shop
from tests.kernel.test_idempotency import RING, records, request
from tests.webhooks.conftest import KEYRING, SECRET, Hooks, hooks, hooks_url, sink  # noqa: F401 - fixtures

KEY = b"k" * 32


def as_before(key_id: str, key: bytes, plain: bytes, context: str) -> bytes:
    """A ciphertext as it was made with the configured key itself."""
    nonce = os.urandom(NONCE_BYTES)
    return key_id.encode() + b":" + nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


@pytest.mark.parametrize("context", ["webhook/1/whk_1", "idempotency/1/key_1/once"])
def test_b11_the_configured_key_itself_encrypts_nothing(context: str) -> None:
    """Taken out: ``_key_for`` in ``encrypt``; the key that makes fingerprints opens it."""
    stored = Keyring({"k1": KEY}).encrypt(b"secret", context)
    sealed = stored.partition(b":")[2]
    with pytest.raises(InvalidTag):
        AESGCM(KEY).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    (fingerprint,) = Keyring({"k1": KEY}).fingerprints(b"content")
    assert fingerprint != hmac.new(KEY, b"content", hashlib.sha256).digest()


def test_b11_each_purpose_has_a_key_of_its_own() -> None:
    """Taken out: the purpose in ``info``."""
    ring = Keyring({"k1": KEY})
    keys = {
        ring._key_for("k1", purpose) for purpose in ("encryption/webhook", "encryption/idempotency", "fingerprints")
    }
    assert len(keys | {KEY}) == 4


def test_b11_what_was_encrypted_before_is_still_read() -> None:
    """And not under another context. Taken out: the configured key in ``decrypt``."""
    ring = Keyring({"new": b"n" * 32, "k1": KEY})
    stored = as_before("k1", KEY, b"secret", "webhook/1/whk_1")
    assert ring.decrypt(stored, "webhook/1/whk_1") == b"secret"
    with pytest.raises(DecryptionError):
        ring.decrypt(stored, "webhook/1/whk_2")


async def test_b11_answers_of_before_are_replayed(database: Database, shop: Shop) -> None:
    """With their fingerprints of before. Taken out: ``former_fingerprints``; the repeat is a conflict."""
    first, _ = await request(database, shop.live)
    (record,) = await records(database, shop.live)
    context = f"idempotency/{shop.live.store.number}/{record['credential']}/{record['key']}"
    plain = RING.decrypt(record["answer"], context)
    assert orjson.loads(plain)[0] == 201
    former = hmac.new(b"o" * 32, b"body", hashlib.sha256).digest()
    async with database.system_connection() as connection:
        await connection.execute(
            "UPDATE idempotency_record SET fingerprint = $2, answer = $3 WHERE store_id = $1",
            shop.live.store.number,
            former,
            as_before("old", b"o" * 32, plain, context),
        )
    assert await request(database, shop.live) == (first, True)


async def test_b11_secrets_of_before_still_sign(hooks: Hooks) -> None:  # noqa: F811
    """Fails when ``decrypt`` does not try the configured key itself."""
    webhook = await hooks.listen()
    context = f"webhook/{hooks.owner.store.number}/{webhook}"
    async with hooks.database.system_connection() as connection:
        await connection.execute(
            "UPDATE webhook SET secret = $2 WHERE id = $1", webhook, as_before("k1", KEY, SECRET.encode(), context)
        )
    await hooks.happen()
    await hooks.deliver()
    assert hooks.sink.hits[0].platform(SECRET)
    assert KEYRING.decrypt((await hooks.row("webhook"))["secret"], context).decode() == SECRET
