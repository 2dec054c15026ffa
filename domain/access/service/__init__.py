"""Accounts, keys and trusted documents: how they are made, changed, recognised and ended."""

from domain.access.service.accounts import (
    OpenedAccount,
    allow_introspection,
    create_account,
    every_account,
    find_stores,
    operator,
    stores_numbered,
)
from domain.access.service.authentication import USE_RECORDED_EVERY, Credential, hash_secret, identify, still_working
from domain.access.service.documents import (
    RegisteredDocument,
    RemovedDocument,
    hash_of_document,
    register_document,
    remove_document,
)
from domain.access.service.keys import IssuedKey, RevokedKey, create_key, revoke_key, roll_key

__all__ = [
    "USE_RECORDED_EVERY",
    "Credential",
    "IssuedKey",
    "OpenedAccount",
    "RegisteredDocument",
    "RemovedDocument",
    "RevokedKey",
    "allow_introspection",
    "create_account",
    "create_key",
    "every_account",
    "find_stores",
    "hash_of_document",
    "hash_secret",
    "identify",
    "operator",
    "register_document",
    "remove_document",
    "revoke_key",
    "roll_key",
    "still_working",
    "stores_numbered",
]
