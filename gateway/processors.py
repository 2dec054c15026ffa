"""Payment processors behind the one port of payments: the sandbox for test stores, Stripe for live stores."""

from __future__ import annotations

from domain import payments
from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Mode, Principal, Store
from domain.kernel.use_cases.outbound import OutboundPort, Outcome
from domain.payments.ports import REQUESTS, EvidenceBundle, ProcessorRequest, ProcessorStates, StripeCredentials
from domain.payments.sandbox import SandboxProcessor
from gateway.adapters.stripe import StripeProcessor
from gateway.settings import Settings

LOCAL_URL = "http://127.0.0.1:8000"
"""Where the gateway is, if no setting says so: where ``make run`` serves."""
Processor = OutboundPort[ProcessorRequest]


class ProcessorRouter:
    """Hands each request to the processor of its store."""

    def __init__(self, sandbox: Processor, live: Processor) -> None:
        self._sandbox = sandbox
        self._live = live

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """See ``OutboundPort``."""
        return await self._of(store).send(request, key, store)

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See ``OutboundPort``."""
        return await self._of(store).look_up(key, store)

    def _of(self, store: Store) -> Processor:
        return self._sandbox if store.mode == Mode.TEST else self._live


class StoredSecrets:
    """What Stripe is called with, read from the store's own rows: its keys, and the evidence of a dispute."""

    def __init__(self, database: Database, keys: payments.ProcessorKeys) -> None:
        self._database = database
        self._keys = keys

    async def credentials(self, store: Store) -> StripeCredentials:
        """The keys of a store. Raises Unavailable if it has none (any more)."""
        async with self._database.transaction(_reader(store)) as work:
            found = await self._keys.find(work.reader, store)
        if found is None:
            raise Unavailable("The live store has no payment processor.")
        return StripeCredentials(*found)

    async def evidence(self, store: Store, dispute_id: str) -> EvidenceBundle:
        """The evidence of a dispute. Raises NotFound."""
        async with self._database.transaction(_reader(store)) as work:
            return await payments.evidence_of(work, dispute_id)


def provide_processors(settings: Settings, database: Database) -> StripeProcessor:
    """Let payments find the processors, the keys of stores, and the keys that encrypt evidence.

    Returns the live processor, to be closed at the end. Raises SettingsError when there is no encryption key.
    """
    keys = processor_keys(settings)
    secrets = StoredSecrets(database, keys)
    stripe = StripeProcessor(secrets.credentials, secrets.evidence, api_url=settings.stripe_api_url)
    sandbox = SandboxProcessor(database, settings.public_url or LOCAL_URL)
    router = ProcessorRouter(sandbox, stripe)
    for request in REQUESTS:
        database.provide(router, kind=request)
    database.provide(sandbox)
    database.provide(stripe)
    database.provide(stripe, kind=ProcessorStates)
    database.provide(settings.keyring, kind=Keyring)
    database.provide(keys)
    return stripe


def processor_keys(settings: Settings) -> payments.ProcessorKeys:
    """The keys of processors, with those of the settings as defaults."""
    secret, signing = settings.stripe_secret_key, settings.stripe_webhook_secret
    return payments.ProcessorKeys(
        settings.keyring,
        secret_key=None if secret is None else secret.get_secret_value(),
        webhook_secret=None if signing is None else signing.get_secret_value(),
        raw_cards=settings.stripe_raw_cards,
    )


def _reader(store: Store) -> Principal:
    return Principal(store, frozenset(), "system")
