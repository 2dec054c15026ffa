"""A store's contracts with carriers: their credentials are stored encrypted."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from domain.kernel.crypto import DecryptionError, Keyring
from domain.kernel.errors import ErrorCode, Unavailable, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Mode, Store
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import CarrierAccountInput
from domain.shipping.ports import LiveAccount, LiveCarriers, StoredAccount


def stored_account(settings: Row, carrier: str) -> StoredAccount | None:
    """The contract of a store with a carrier, as it is stored; None if there is none."""
    return next((each for each in settings.accounts if each["carrier"] == carrier), None)


def open_account(stored: StoredAccount, keyring: Keyring, store: Store) -> LiveAccount:
    """A stored contract with its credentials. Raises Unavailable if no key can read them (any more)."""
    try:
        plain = keyring.decrypt(b64decode(stored["credentials"]), _context(store, stored["carrier"]))
    except DecryptionError:
        raise Unavailable("The credentials of the account cannot be read. Set them again.") from None
    client_id, client_secret = json.loads(plain)
    return LiveAccount(
        carrier=stored["carrier"],
        account_number=stored["account_number"],
        client_id=client_id,
        client_secret=client_secret,
        is_test=store.mode == Mode.TEST,
    )


def stored_accounts(
    work: UnitOfWork, accounts: Sequence[CarrierAccountInput], current: Sequence[StoredAccount]
) -> list[dict[str, str]]:
    """The contracts as they are stored: credentials that are not given stay as they are.

    Raises ValidationFailed (no or half credentials, or a gateway that cannot ask carriers).
    """
    known = {each["carrier"]: each for each in current}
    return [_stored(work, place, each, known.get(each.carrier)) for place, each in enumerate(accounts)]


def _stored(
    work: UnitOfWork, place: int, account: CarrierAccountInput, current: StoredAccount | None
) -> dict[str, str]:
    given = (account.client_id, account.client_secret)
    missing = [name for name in ("client_id", "client_secret") if getattr(account, name) is UNSET]
    if current is None and not work.dependency(LiveCarriers).is_installed:  # type: ignore[type-abstract]
        message = "This gateway is installed without live carriers. Install it with its extra `carriers`."
        raise ValidationFailed.of(("accounts", place, "carrier"), ErrorCode.INVALID, message)
    if len(missing) == 1 or (missing and current is None):
        message = "Required together with the other one; both can be omitted for an account that is there."
        raise ValidationFailed.of(("accounts", place, missing[0]), ErrorCode.REQUIRED, message)
    credentials = current["credentials"] if missing and current else _sealed(work, account.carrier, given)
    return {"carrier": account.carrier, "account_number": account.account_number, "credentials": credentials}


def _sealed(work: UnitOfWork, carrier: str, credentials: Sequence[Any]) -> str:
    plain = json.dumps(credentials).encode()
    return b64encode(work.dependency(Keyring).encrypt(plain, _context(work.store, carrier))).decode()


def _context(store: Store, carrier: str) -> str:
    return f"shipping/{store.number}/{carrier}"
