"""Endpoints: made, changed, removed, and given new secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update

from domain.kernel.audit import audit
from domain.kernel.errors import Conflict, ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.use_cases import use_case
from domain.kernel.work import Work
from domain.webhooks.addresses import NotPublicError
from domain.webhooks.commands import ALL_EVENTS, CreateWebhook, DeleteWebhook, RollWebhookSecret, UpdateWebhook
from domain.webhooks.model import DeliveryStatus, Webhook, WebhookDelivery
from domain.webhooks.ports import Outbound
from domain.webhooks.signing import hint_of, is_usable, new_secret
from domain.webhooks.types import EventType, kind_of, wanted_types

ENDPOINTS_MAX = 100
"""Per store: each is looked at with every event."""


@dataclass(frozen=True, slots=True)
class IssuedWebhook:
    """An endpoint just made, or given a new secret, with the secret that is shown once."""

    webhook: Webhook
    secret: str

    @property
    def id(self) -> str:
        """The endpoint's id."""
        return self.webhook.id


@dataclass(frozen=True, slots=True)
class DeletedWebhook:
    """An endpoint that is gone."""

    deleted_id: str


@use_case("webhooks:write")
async def create_webhook(work: Work, principal: Principal, command: CreateWebhook) -> IssuedWebhook:
    """Have events sent to an address.

    Raises ValidationFailed for an unknown event, an address inside or a query that cannot run, Forbidden for what the
    caller may not see, Conflict when the store has as many endpoints as it may.
    """
    events = _topics(principal, command.events)
    _check_url(work, command.url)
    query = _checked(work, principal, command.query)
    secret = _secret(command.secret)
    count = select(func.count()).select_from(Webhook).where(Webhook.store_id == work.store.number)
    if (await work.session.scalar(count) or 0) >= ENDPOINTS_MAX:
        raise Conflict(f"A store has at most {ENDPOINTS_MAX} endpoints.", ErrorCode.TOO_LARGE)
    webhook = Webhook(
        store_id=work.store.number,
        id=new_id("whk"),
        url=command.url,
        events=events,
        active=command.active,
        include_imported=command.include_imported,
        query=query,
        secret_hint=hint_of(secret),
        previous_secret=None,
        previous_until=None,
        credential=principal.credential,
        scopes=_scopes(principal),
        failing_since=None,
        last_failed_at=None,
        disabled_reason=None,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    webhook.secret = work.part(Outbound).keyring.encrypt(secret.encode(), sealed_for(webhook.store_id, webhook.id))
    work.add(webhook)
    audit(work, "webhook.created", webhook.id, url=webhook.url, events=events)
    await work.flush()
    return IssuedWebhook(webhook, secret)


@use_case("webhooks:write")
async def update_webhook(work: Work, principal: Principal, command: UpdateWebhook) -> Webhook:
    """Change an endpoint; one that changes nothing leaves version and audit log alone. Made active again, it starts
    with a clean slate.

    Raises NotFound, Conflict (stale version), ValidationFailed and Forbidden as ``create_webhook``; Forbidden also for
    a caller who may not see what the endpoint is sent: with an address of their own they would.
    """
    webhook = await open_webhook(work, command.id, command.expected_version)
    wanted_types(principal, _sent_to(webhook))
    before = _written(webhook)
    if command.url is not UNSET:
        _check_url(work, command.url)
        webhook.url = command.url
    if command.query is not UNSET:
        webhook.query = _checked(work, principal, command.query)
    if command.events is not UNSET:
        webhook.events = _topics(principal, command.events)
    if (webhook.events, webhook.query) != (before["events"], before["query"]):
        webhook.credential, webhook.scopes = principal.credential, _scopes(principal)
    if command.include_imported is not UNSET:
        webhook.include_imported = command.include_imported
    if command.active is not UNSET and command.active is not webhook.active:
        webhook.active = command.active
        webhook.failing_since = webhook.last_failed_at = webhook.disabled_reason = None
    if _written(webhook) != before:
        audit(work, "webhook.updated", webhook.id, url=webhook.url, events=webhook.events, active=webhook.active)
        await _changed(work, webhook)
    return webhook


@use_case("webhooks:write")
async def delete_webhook(work: Work, principal: Principal, command: DeleteWebhook) -> DeletedWebhook:
    """Remove an endpoint and give up what is still to be sent to it. Raises NotFound, Conflict (stale version)."""
    webhook = await open_webhook(work, command.id, command.expected_version)
    await work.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.store_id == work.store.number,
            WebhookDelivery.webhook_id == webhook.id,
            WebhookDelivery.due_at.is_not(None),
        )
        .values(status=DeliveryStatus.FAILED, due_at=None, lease=None, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    await work.session.delete(webhook)
    audit(work, "webhook.deleted", webhook.id, url=webhook.url)
    await work.flush()
    return DeletedWebhook(command.id)


@use_case("webhooks:write")
async def roll_webhook_secret(work: Work, principal: Principal, command: RollWebhookSecret) -> IssuedWebhook:
    """Give an endpoint a new secret; the old one signs too until the overlap (seconds) is over.

    Raises NotFound, Conflict (stale version), ValidationFailed.
    """
    webhook = await open_webhook(work, command.id, command.expected_version)
    secret = _secret(command.secret)
    webhook.previous_secret = webhook.secret if command.overlap_seconds else None
    webhook.previous_until = work.now + timedelta(seconds=command.overlap_seconds) if command.overlap_seconds else None
    webhook.secret = work.part(Outbound).keyring.encrypt(secret.encode(), sealed_for(webhook.store_id, webhook.id))
    webhook.secret_hint = hint_of(secret)
    audit(work, "webhook.secret_rolled", webhook.id, overlap_seconds=command.overlap_seconds)
    await _changed(work, webhook)
    return IssuedWebhook(webhook, secret)


async def open_webhook(work: Work, id: str, version: int | Unset = UNSET) -> Webhook:
    """The endpoint, locked. Raises NotFound, Conflict (stale version)."""
    return await work.lock(Webhook, id, noun="webhook", version=None if version is UNSET else version)


def sealed_for(store: int, id: str) -> str:
    """What an endpoint's secrets are encrypted for: put into another row, they cannot be read."""
    return f"webhook/{store}/{id}"


def _topics(principal: Principal, named: tuple[str, ...]) -> list[str]:
    """The names without repeats. Raises ValidationFailed for what is no type, Forbidden as ``wanted_types``."""
    unknown = [
        Problem(("events", index), ErrorCode.INVALID, "Not the type of an event.")
        for index, name in enumerate(named)
        if name not in (*EventType, ALL_EVENTS)
    ]
    if unknown:
        raise ValidationFailed(unknown)
    wanted_types(principal, [EventType(name) for name in named if name != ALL_EVENTS])
    return [ALL_EVENTS] if ALL_EVENTS in named else list(dict.fromkeys(named))


def _sent_to(webhook: Webhook) -> list[EventType]:
    """The types that an endpoint is sent."""
    every = ALL_EVENTS in webhook.events
    return [type for type in EventType if (every or type in webhook.events) and kind_of(type).scope in webhook.scopes]


def _scopes(principal: Principal) -> list[str]:
    return [scope for scope in SCOPES if principal.may(scope)]


def _check_url(work: Work, url: str) -> None:
    try:
        work.part(Outbound).guard.check_url(url)
    except NotPublicError as refused:
        raise ValidationFailed.of(("url",), ErrorCode.INVALID, str(refused)) from None


def _checked(work: Work, principal: Principal, query: str | Unset | None) -> str | None:
    """The query, once it is known to run for the caller. Raises ValidationFailed, Forbidden."""
    if query is UNSET or query is None:
        return None
    work.part(Outbound).shaper.check(query, principal)
    return query


def _secret(given: str | Unset) -> str:
    if given is UNSET:
        return new_secret()
    if not is_usable(given):
        raise ValidationFailed.of(("secret",), ErrorCode.INVALID, "After whsec_ must come base64.")
    return given


def _written(webhook: Webhook) -> dict[str, object]:
    """What callers can change of it."""
    names = ("url", "events", "active", "include_imported", "query")
    return {name: getattr(webhook, name) for name in names}


async def _changed(work: Work, webhook: Webhook) -> None:
    webhook.version += 1
    webhook.updated_at = work.now
    await work.flush()
