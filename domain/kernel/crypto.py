"""Encryption at rest with key ids (AES-256-GCM), and keyed fingerprints (HMAC-SHA256).

Configured keys are not used directly. HKDF-SHA256 (RFC 5869) derives from each one key per purpose (the first part of a
context: ``webhook``, ``idempotency``) and one for fingerprints. Data encrypted directly with a configured key, by
earlier versions, can still be decrypted.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32
_PRODUCT, _ENCRYPTION, _FINGERPRINTS = "commerce-gateway/1", "encryption/", "fingerprints"


class DecryptionError(Exception):
    """A ciphertext whose key is no longer configured, or that was tampered with."""


class Keyring:
    """Encryption keys by id; the first encrypts, any decrypts, so keys rotate by putting a new one in front."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one encryption key is needed")
        for id, key in keys.items():
            if len(key) != KEY_BYTES:
                raise ValueError(f"encryption key {id!r} must be {KEY_BYTES} bytes, not {len(key)}")
        self._keys = dict(keys)
        self._current = next(iter(keys))
        self._derived: dict[tuple[str, str], bytes] = {}

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """A ring from ``id:base64,id:base64``. Raises ValueError."""
        keys: dict[str, bytes] = {}
        for entry in text.split(","):
            id, separator, encoded = entry.strip().partition(":")
            if not separator or not id.isalnum():
                raise ValueError("encryption keys are written id:base64, with an id of letters and digits")
            if id in keys:
                raise ValueError(f"encryption key {id!r} occurs twice")
            try:
                keys[id] = b64decode(encoded, validate=True)
            except Base64Error:
                raise ValueError(f"encryption key {id!r} is not base64") from None
        return cls(keys)

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """Key id, nonce and ciphertext. ``context`` (what and whose it is) is authenticated, not stored."""
        nonce = os.urandom(NONCE_BYTES)
        key = self._key_for(self._current, _ENCRYPTION + _purpose_of(context))
        sealed = AESGCM(key).encrypt(nonce, plain, context.encode())
        return self._current.encode() + b":" + nonce + sealed

    def decrypt(self, stored: bytes, context: str) -> bytes:
        """Decrypt a value that was encrypted under the same context. Raises DecryptionError."""
        name, _, rest = stored.partition(b":")
        id = name.decode(errors="replace")
        if id not in self._keys:
            raise DecryptionError("the encryption key is not configured")
        for key in (self._key_for(id, _ENCRYPTION + _purpose_of(context)), self._keys[id]):
            with suppress(InvalidTag, ValueError):  # ValueError: cut off within the nonce
                return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context.encode())
        raise DecryptionError("the value was changed, or belongs to another context")

    def is_current(self, stored: bytes) -> bool:
        """Whether a value is encrypted with the key that encrypts now."""
        return stored.partition(b":")[0] == self._current.encode()

    def fingerprints(self, content: bytes) -> list[bytes]:
        """A keyed digest of ``content`` under each key, the current one first: equality without the content."""
        return [_digest(self._key_for(id, _FINGERPRINTS), content) for id in self._keys]

    def former_fingerprints(self, content: bytes) -> list[bytes]:
        """The digests of earlier versions, which used the configured keys directly."""
        return [_digest(key, content) for key in self._keys.values()]

    def _key_for(self, id: str, purpose: str) -> bytes:
        """The key that is derived from a configured one for a purpose."""
        known = self._derived.get((id, purpose))
        if known is None:
            made = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"{_PRODUCT}/{purpose}".encode())
            known = self._derived[id, purpose] = made.derive(self._keys[id])
        return known


def _purpose_of(context: str) -> str:
    return context.partition("/")[0]


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")
