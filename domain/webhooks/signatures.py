"""Secrets of endpoints, and the two signatures that every delivery bears.

``X-Webhook-Signature`` is the platform's own: HMAC-SHA256 of the body in hex, keyed with the secret as it is shown;
during a roll ``X-Webhook-Signature-Previous`` is the same with the secret before it, until its overlap is over. The
``webhook-`` headers follow Standard Webhooks 1.0 (standardwebhooks.com): what is signed is ``id.timestamp.body``, the
key is what stands in base64 after ``whsec_``.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with
SECRET_BYTES = 32
PLATFORM_HEADERS = ("X-Webhook-Signature", "X-Webhook-Signature-Previous")
"""Signed with the current secret, and during a roll with the one before it."""


def new_secret() -> str:
    """A fresh secret as it is shown: ``whsec_`` and 32 random bytes in base64."""
    return SECRET_PREFIX + b64encode(os.urandom(SECRET_BYTES)).decode()


def is_usable(secret: str) -> bool:
    """Whether both signatures can be made with it: what follows ``whsec_`` must be base64."""
    try:
        return bool(_standard_key(secret))
    except Base64Error:
        return False


def hint_of(secret: str) -> str:
    """How a secret ends, to recognise it by."""
    return f"{SECRET_PREFIX if secret.startswith(SECRET_PREFIX) else ''}…{secret[-4:]}"


def signature_headers(secrets: Sequence[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that sign a body. ``secrets``: the current one, then the one before it while that is valid too;
    ``timestamp``: seconds of Unix time."""
    signed = b"%s.%d.%s" % (id.encode(), timestamp, body)
    standard = (b64encode(_digest(_standard_key(secret), signed)).decode() for secret in secrets)
    return {
        **{name: _digest(secret.encode(), body).hex() for name, secret in zip(PLATFORM_HEADERS, secrets, strict=False)},
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in standard),
    }


def _standard_key(secret: str) -> bytes:
    """Raises binascii.Error."""
    return (
        b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        if secret.startswith(SECRET_PREFIX)
        else secret.encode()
    )


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
