"""Use cases of accounts, API keys and trusted documents; authentication."""

from domain.access.service.accounts import (
    OpenedAccount,
    allow_introspection,
    create_account,
    every_account,
    find_stores,
    set_account_addresses,
    set_account_limits,
    store_by_id,
    stores_by_number,
    system_principal,
)
from domain.access.service.authentication import (
    LAST_USE_INTERVAL,
    Credential,
    authenticate,
    hash_secret,
    page_origins,
    valid_credentials,
)
from domain.access.service.documents import (
    RegisteredDocument,
    RemovedDocument,
    hash_of_document,
    newest_documents,
    register_trusted_document,
    remove_trusted_document,
)
from domain.access.service.key_signals import note_address, note_refused_address
from domain.access.service.key_updates import update_key
from domain.access.service.keys import IssuedKey, RevokedKey, create_key, revoke_key, roll_key

__all__ = [
    "LAST_USE_INTERVAL",
    "Credential",
    "IssuedKey",
    "OpenedAccount",
    "RegisteredDocument",
    "RemovedDocument",
    "RevokedKey",
    "allow_introspection",
    "authenticate",
    "create_account",
    "create_key",
    "every_account",
    "find_stores",
    "hash_of_document",
    "hash_secret",
    "newest_documents",
    "note_address",
    "note_refused_address",
    "page_origins",
    "register_trusted_document",
    "remove_trusted_document",
    "revoke_key",
    "roll_key",
    "set_account_addresses",
    "set_account_limits",
    "store_by_id",
    "stores_by_number",
    "system_principal",
    "update_key",
    "valid_credentials",
]
