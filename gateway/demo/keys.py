"""The credentials of the demo: created once, in the data directory, readable for its owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from domain import access
from domain.access.commands import CreateApiKey
from domain.kernel.crypto import KEY_BYTES
from domain.kernel.database import Database
from domain.kernel.errors import Unauthenticated
from domain.kernel.principal import Mode, Store
from gateway.settings import Settings


def ensure_encryption_key(settings: Settings) -> None:
    """Create an encryption key in the data directory, unless keys are configured or it exists."""
    if settings.encryption_keys is None and not settings.encryption_key_file.exists():
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        _keep(settings.encryption_key_file, f"local:{key}\n")


async def demo_keys(database: Database, settings: Settings, stores: Mapping[Mode, Store]) -> dict[Mode, str]:
    """A key with every scope for each store: those of the last run, as long as they are valid."""
    path = settings.data_dir / "demo-keys.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    keys = {mode: await _working(database, store, kept.get(mode.value)) for mode, store in stores.items()}
    if {mode.value: key for mode, key in keys.items()} != kept:
        _keep(path, json.dumps({mode.value: key for mode, key in keys.items()}))
    return keys


async def _working(database: Database, store: Store, kept: str | None) -> str:
    if kept is not None:
        try:
            async with database.system_connection() as connection:
                principal = await access.authenticate(connection, kept, database.clock())
            if principal.store.id == store.id:
                return kept
        except Unauthenticated:
            pass  # revoked, or of another database: a new one is created
    caller = access.system_principal(store)
    async with database.transaction(caller) as work:
        return (await access.create_key(work, caller, CreateApiKey(name="demo", scopes=("all",)))).secret


def _keep(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
