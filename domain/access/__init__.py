"""Access: accounts with their live and test stores, and the API keys that open them."""

from domain.access import commands, document, reads
from domain.access.events import KeyEnded, StoreOpened
from domain.access.model import Account, ApiKey
from domain.access.service import (
    Credential,
    IssuedKey,
    create_account,
    create_key,
    find_stores,
    identify,
    operator,
    revoke_key,
    roll_key,
    still_working,
    stores_numbered,
)

__all__ = [
    "Account",
    "ApiKey",
    "Credential",
    "IssuedKey",
    "KeyEnded",
    "StoreOpened",
    "commands",
    "create_account",
    "create_key",
    "document",
    "find_stores",
    "identify",
    "operator",
    "reads",
    "revoke_key",
    "roll_key",
    "still_working",
    "stores_numbered",
]
