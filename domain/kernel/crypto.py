"""Encryption at rest with key ids (AES-256-GCM), and keyed fingerprints (HMAC-SHA256)."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32


class CannotDecryptError(Exception):
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

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """A ring from ``id:base64,id:base64``. Raises ValueError."""
        keys: dict[str, bytes] = {}
        for entry in text.split(","):
            id, separator, encoded = entry.strip().partition(":")
            if not separator or not id.isalnum():
                raise ValueError("encryption keys are written id:base64, with an id of letters and digits")
            if id in keys:
                raise ValueError(f"encryption key {id!r} is given twice")
            try:
                keys[id] = b64decode(encoded, validate=True)
            except Base64Error:
                raise ValueError(f"encryption key {id!r} is not base64") from None
        return cls(keys)

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """Key id, nonce and ciphertext. ``context`` (what and whose it is) is authenticated, not stored."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._keys[self._current]).encrypt(nonce, plain, context.encode())
        return self._current.encode() + b":" + nonce + sealed

    def decrypt(self, stored: bytes, context: str) -> bytes:
        """What was encrypted under the same context. Raises CannotDecryptError."""
        id, _, rest = stored.partition(b":")
        key = self._keys.get(id.decode(errors="replace"))
        if key is None:
            raise CannotDecryptError("its key is not configured")
        try:
            return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):  # ValueError: cut off within the nonce
            raise CannotDecryptError("it was changed, or belongs elsewhere") from None

    def fingerprints(self, content: bytes) -> list[bytes]:
        """A keyed digest of ``content`` under each key, the current one first: equality without the content."""
        return [hmac.new(key, content, hashlib.sha256).digest() for key in self._keys.values()]
