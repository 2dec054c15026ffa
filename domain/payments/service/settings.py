"""The payment processor of a store."""

from __future__ import annotations

from domain.kernel.errors import Forbidden
from domain.kernel.fields import UNSET
from domain.kernel.principal import Mode, Principal
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.commands import UpdatePaymentSettings
from domain.payments.model.settings import PaymentSettings
from domain.payments.service.processors import SANDBOX, STRIPE, ProcessorKeys

HINT_LENGTH = 4


async def open_payment_settings(work: UnitOfWork) -> None:
    """Create the payment settings of a new store, without keys."""
    work.add(
        PaymentSettings(
            store_id=work.store.number,
            id=work.store.id,
            processor=SANDBOX if work.store.mode == Mode.TEST else STRIPE,
            raw_cards=False,
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
    )
    await work.flush()


@use_case("access:write")
async def update_payment_settings(
    work: UnitOfWork, principal: Principal, command: UpdatePaymentSettings
) -> PaymentSettings:
    """Set the keys of the store's processor. Raises Conflict (stale version), Forbidden (a test store)."""
    if work.store.mode == Mode.TEST:
        raise Forbidden("The test store pays with the sandbox, which needs no keys. Use a key that begins with live_.")
    settings = await work.lock(PaymentSettings, work.store.id, noun="settings", version=command.expected_version)
    changed = _set_keys(work, settings, command)
    if command.raw_cards is not UNSET and command.raw_cards != settings.raw_cards:
        settings.raw_cards = command.raw_cards
        changed.append("raw_cards")
    if changed:
        settings.version += 1
        settings.updated_at = work.now
        audit(work, "payment_settings.updated", settings.id, changed=changed)
    await work.flush()
    return settings


def _set_keys(work: UnitOfWork, settings: PaymentSettings, command: UpdatePaymentSettings) -> list[str]:
    """Encrypt what was sent; the names of what was set."""
    keys = work.dependency(ProcessorKeys)
    changed = []
    if command.stripe_secret_key is not UNSET:
        key = command.stripe_secret_key
        settings.secret_key = None if key is None else keys.sealed(key, work.store, "secret_key")
        settings.secret_key_hint = None if key is None else key[-HINT_LENGTH:]
        changed.append("stripe_secret_key")
    if command.stripe_webhook_secret is not UNSET:
        secret = command.stripe_webhook_secret
        settings.webhook_secret = None if secret is None else keys.sealed(secret, work.store, "webhook_secret")
        changed.append("stripe_webhook_secret")
    return changed
