"""Which processor a store pays with."""

from __future__ import annotations

from sqlalchemy import select

from domain.kernel.crypto import Keyring
from domain.kernel.errors import Conflict, ErrorCode, Unavailable
from domain.kernel.principal import Mode, Store
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.model.payment import Payment
from domain.payments.model.settings import PaymentSettings

SANDBOX, STRIPE = "sandbox", "stripe"
EXTERNAL = "external"
"""Of imported payments: they were charged elsewhere."""
NO_PROCESSOR_RETRY_SECONDS = 3_600

_settings = PaymentSettings.__table__.c
_OF_STORE = Statement(
    "payment_settings",
    select(
        _settings.processor, _settings.secret_key, _settings.webhook_secret, _settings.raw_cards, _settings.version
    ).where(_settings.store_id == STORE),
)


class ProcessorKeys:
    """The keys of processors: those that a store has set, or else those of the gateway's own settings."""

    def __init__(
        self,
        keyring: Keyring,
        *,
        secret_key: str | None = None,
        webhook_secret: str | None = None,
        raw_cards: bool = False,
    ) -> None:
        """``secret_key`` and ``webhook_secret``: of live stores without keys of their own."""
        self._keyring = keyring
        self._secret_key = secret_key
        self._webhook_secret = webhook_secret
        self._raw_cards = raw_cards

    async def find(self, db: Executor, store: Store) -> tuple[str, bool] | None:
        """The secret key of a live store, and whether it accepts card numbers; None if it has no processor."""
        (found,) = await _OF_STORE.rows(db)
        if found.secret_key is not None:
            return self.opened(found.secret_key, store, "secret_key"), found.raw_cards
        return None if self._secret_key is None else (self._secret_key, self._raw_cards)

    async def webhook_secret(self, db: Executor, store: Store) -> str | None:
        """The secret that signs what the processor tells; None if there is none."""
        (found,) = await _OF_STORE.rows(db)
        if found.webhook_secret is not None:
            return self.opened(found.webhook_secret, store, "webhook_secret")
        return self._webhook_secret if found.secret_key is None else None

    def sealed(self, value: str, store: Store, name: str) -> bytes:
        """A key, encrypted for this store."""
        return self._keyring.encrypt(value.encode(), f"payments/{store.number}/{name}")

    def opened(self, value: bytes, store: Store, name: str) -> str:
        """A key, decrypted. Raises DecryptionError."""
        return self._keyring.decrypt(value, f"payments/{store.number}/{name}").decode()


async def processor_of(work: UnitOfWork) -> str:
    """The processor of the store. Raises Unavailable for a live store without one."""
    if work.store.mode == Mode.TEST:
        return SANDBOX
    if await work.dependency(ProcessorKeys).find(work.reader, work.store) is None:
        raise Unavailable(
            "The live store has no payment processor. Set its keys in the payment settings, or use the test store.",
            NO_PROCESSOR_RETRY_SECONDS,
        )
    return STRIPE


async def require_processor_of(work: UnitOfWork, payment: Payment) -> None:
    """Raises Conflict for a payment that was charged elsewhere, Unavailable as ``processor_of``."""
    if payment.processor == EXTERNAL:
        message = "The payment was imported: it was charged elsewhere, and is changed there."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    await processor_of(work)
