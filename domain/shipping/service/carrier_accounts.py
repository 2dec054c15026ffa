"""A store's contracts with carriers: their credentials are stored encrypted."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from domain.kernel.crypto import Keyring
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Mode, Store
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import CarrierAccountInput
from domain.shipping.ports import LiveAccount, LiveCarriers


def opened_accounts(settings: Row, keyring: Keyring, store: Store) -> Mapping[str, LiveAccount]:
    """The contracts of a store by carrier. Raises DecryptionError."""
    found = {}
    for each in settings.accounts:
        plain = keyring.decrypt(b64decode(each["credentials"]), _context(store, each["carrier"]))
        client_id, client_secret = json.loads(plain)
        found[each["carrier"]] = LiveAccount(
            carrier=each["carrier"],
            account_number=each["account_number"],
            client_id=client_id,
            client_secret=client_secret,
            is_test=store.mode == Mode.TEST,
        )
    return found


def stored_accounts(
    work: UnitOfWork, accounts: Sequence[CarrierAccountInput], current: Sequence[Mapping[str, str]]
) -> list[dict[str, str]]:
    """The contracts as they are stored: credentials that are not given stay as they are.

    Raises ValidationFailed (no or half credentials, or a gateway that cannot ask carriers).
    """
    known = {each["carrier"]: each for each in current}
    return [_stored(work, place, each, known.get(each.carrier)) for place, each in enumerate(accounts)]


def _stored(
    work: UnitOfWork, place: int, account: CarrierAccountInput, current: Mapping[str, str] | None
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
