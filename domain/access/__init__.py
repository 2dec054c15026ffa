"""Access: accounts with their live and test stores, the API keys that open them, and the documents they trust."""

from domain.access import commands, document, reads
from domain.access.events import DocumentsChanged, KeyEnded, KeyRolled, KeysRevoked, StoreOpened
from domain.access.model import Account, ApiKey, KeyState, LeftWebhooks, TrustedDocument
from domain.access.ports import Validation
from domain.access.service import (
    Credential,
    IssuedKey,
    RegisteredDocument,
    allow_introspection,
    create_account,
    create_key,
    find_stores,
    hash_of_document,
    hash_secret,
    identify,
    operator,
    register_document,
    remove_document,
    revoke_key,
    roll_key,
    still_working,
    stores_numbered,
)

__all__ = [
    "Account",
    "ApiKey",
    "Credential",
    "DocumentsChanged",
    "IssuedKey",
    "KeyEnded",
    "KeyRolled",
    "KeyState",
    "KeysRevoked",
    "LeftWebhooks",
    "RegisteredDocument",
    "StoreOpened",
    "TrustedDocument",
    "Validation",
    "allow_introspection",
    "commands",
    "create_account",
    "create_key",
    "document",
    "find_stores",
    "hash_of_document",
    "hash_secret",
    "identify",
    "operator",
    "reads",
    "register_document",
    "remove_document",
    "revoke_key",
    "roll_key",
    "still_working",
    "stores_numbered",
]
