"""Secrets of OAuth: how they are made and told apart, and how long they last.

Every one has 32 random bytes, and only its SHA-256 is stored (``hash_secret``).
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from domain.kernel.principal import Mode

ACCESS_TOKEN_LIFETIME = timedelta(hours=1)
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
"""Of each refresh token: a grant that is refreshed at least once in this time goes on."""
CODE_LIFETIME = timedelta(minutes=5)
"""RFC 6749, 4.1.2 recommends at most ten minutes."""
INVITATION_LIFETIME = timedelta(days=7)
SESSION_LIFETIME = timedelta(days=14)
RANDOM_BYTES = 32

_ACCESS_TOKEN = re.compile(r"(?:live|test)_at_[A-Za-z0-9_-]{43}")
"""No API key has this form, though its random part may begin with ``at_``: it is three characters shorter."""


def random_secret() -> str:
    """A new secret: 43 characters of base64url."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def new_access_token(mode: Mode) -> str:
    """A new access token of a store of this mode."""
    return f"{mode.value}_at_{random_secret()}"


def new_refresh_token(mode: Mode) -> str:
    """A new refresh token of a store of this mode."""
    return f"{mode.value}_rt_{random_secret()}"


def new_client_secret(mode: Mode) -> str:
    """A new secret of a confidential client of a store of this mode."""
    return f"{mode.value}_cs_{random_secret()}"


def is_access_token(secret: str) -> bool:
    """Whether a bearer token has the form of an access token; otherwise it may be an API key."""
    return _ACCESS_TOKEN.fullmatch(secret) is not None
