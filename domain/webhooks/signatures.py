"""Secrets of endpoints, and the two signatures of every delivery.

``X-Webhook-Signature`` is the platform's own: HMAC-SHA256 of the body in hex, keyed with the secret as returned. During
the overlap of a roll ``X-Webhook-Signature-Previous`` is the same with the previous secret. The ``webhook-`` headers
follow Standard Webhooks 1.0 (standardwebhooks.com): ``id.timestamp.body`` is signed, and the key is the base64 after
``whsec_``.
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
"""Signed with the current secret, and during a roll with the previous one."""


def new_secret() -> str:
    """Generate a secret: ``whsec_`` and 32 random bytes in base64."""
    return SECRET_PREFIX + b64encode(os.urandom(SECRET_BYTES)).decode()


def is_usable(secret: str) -> bool:
    """Whether both signatures can be computed with it: the part after ``whsec_`` must be base64."""
    try:
        return bool(_standard_key(secret))
    except Base64Error:
        return False


def hint_of(secret: str) -> str:
    """Return the prefix and the last characters of a secret."""
    return f"{SECRET_PREFIX if secret.startswith(SECRET_PREFIX) else ''}…{secret[-4:]}"


def signature_headers(secrets: Sequence[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Compute the headers that sign a body.

    ``secrets``: the current one, then the previous one during its overlap; ``timestamp``: Unix time in seconds.
    """
    signed = b"%s.%d.%s" % (id.encode(), timestamp, body)
    standard = (b64encode(_digest(_standard_key(secret), signed)).decode() for secret in secrets)
    return {
        **{name: _digest(secret.encode(), body).hex() for name, secret in zip(PLATFORM_HEADERS, secrets, strict=False)},
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in standard),
    }


def _standard_key(secret: str) -> bytes:
    """Decode the key of a secret. Raises binascii.Error."""
    return (
        b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        if secret.startswith(SECRET_PREFIX)
        else secret.encode()
    )


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
