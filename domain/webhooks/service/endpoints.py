"""Endpoints: made, changed, removed, and given new secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, Select, Text, func, literal_column, select, update

from domain.events.event_types import resolve_types
from domain.events.selectors import chosen, named_types
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.sql.statements import Statement
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.address_policy import NotPublicError
from domain.webhooks.commands import CreateWebhook, DeleteWebhook, RollWebhookSecret, UpdateWebhook
from domain.webhooks.model import DeliveryStatus, Webhook, WebhookDelivery
from domain.webhooks.ports import WebhookDependencies
from domain.webhooks.service.rights import require_all_sent
from domain.webhooks.signatures import hint_of, is_usable, new_secret

MAX_WEBHOOKS = 100
"""Per store: each is looked at with every event."""
_LAST_SEQ: ColumnElement[int] = func.coalesce(
    func.pg_sequence_last_value(literal_column("'event_seq'::regclass")), literal_column("0"), type_=BigInteger()
)
_SNAPSHOT: ColumnElement[str] = func.pg_current_snapshot().cast(Text)
_NOW = Statement("begin_to_hear", cast("Select[Any]", select(_SNAPSHOT.label("snapshot"), _LAST_SEQ.label("seq"))))


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
async def create_webhook(work: UnitOfWork, principal: Principal, command: CreateWebhook) -> IssuedWebhook:
    """Have events sent to an address.

    Raises ValidationFailed for an unknown event, an address inside or a query that cannot run, Forbidden for what the
    caller may not see, Conflict when the store has as many endpoints as it may.
    """
    events = chosen(principal, command.events)
    _check_url(work, command.url)
    query = _checked(work, principal, command.query)
    secret = _secret(command.secret)
    count = select(func.count()).select_from(Webhook).where(Webhook.store_id == work.store.number)
    if (await work.session.scalar(count) or 0) >= MAX_WEBHOOKS:
        raise Conflict(f"A store has at most {MAX_WEBHOOKS} endpoints.", ErrorCode.TOO_LARGE)
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
    webhook.secret = work.dependency(WebhookDependencies).keyring.encrypt(
        secret.encode(), sealed_for(webhook.store_id, webhook.id)
    )
    work.add(webhook)
    audit(work, "webhook.created", webhook.id, url=webhook.url, events=events)
    await work.flush()
    return IssuedWebhook(webhook, secret)


@use_case("webhooks:write")
async def update_webhook(work: UnitOfWork, principal: Principal, command: UpdateWebhook) -> Webhook:
    """Change an endpoint; what is written as it was changes nothing. Made active again, it starts with a clean slate.

    Raises NotFound, Conflict (stale version), ValidationFailed and Forbidden as ``create_webhook``; Forbidden also for
    a caller who may not see all that the endpoint is sent and does not choose it anew: with an address of their own
    they would.
    """
    webhook = await open_webhook(work, command.id, command.expected_version)
    changes = _changes(principal, webhook, command)
    if not changes:
        return webhook
    await _take_over(work, principal, webhook, changes)
    if "url" in changes:
        _check_url(work, changes["url"])
    for name, value in changes.items():
        setattr(webhook, name, value)
    if "active" in changes:
        webhook.failing_since = webhook.last_failed_at = webhook.disabled_reason = None
    if changes.get("active"):
        await _hear_from_now_on(work, webhook)
    audit(work, "webhook.updated", webhook.id, url=webhook.url, events=webhook.events, active=webhook.active)
    await _changed(work, webhook)
    return webhook


@use_case("webhooks:write")
async def delete_webhook(work: UnitOfWork, principal: Principal, command: DeleteWebhook) -> DeletedWebhook:
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
async def roll_webhook_secret(work: UnitOfWork, principal: Principal, command: RollWebhookSecret) -> IssuedWebhook:
    """Give an endpoint a new secret; the old one signs too until the overlap (seconds) is over.

    Raises NotFound, Conflict (stale version), ValidationFailed, Forbidden for who may not see all that it is sent.
    """
    webhook = await open_webhook(work, command.id, command.expected_version)
    await require_all_sent(work, principal, webhook)
    secret = _secret(command.secret)
    webhook.previous_secret = webhook.secret if command.overlap_seconds else None
    webhook.previous_until = work.now + timedelta(seconds=command.overlap_seconds) if command.overlap_seconds else None
    webhook.secret = work.dependency(WebhookDependencies).keyring.encrypt(
        secret.encode(), sealed_for(webhook.store_id, webhook.id)
    )
    webhook.secret_hint = hint_of(secret)
    audit(work, "webhook.secret_rolled", webhook.id, overlap_seconds=command.overlap_seconds)
    await _changed(work, webhook)
    return IssuedWebhook(webhook, secret)


async def open_webhook(work: UnitOfWork, id: str, version: int | Unset = UNSET) -> Webhook:
    """The endpoint, locked. Raises NotFound, Conflict (stale version)."""
    return await work.lock(Webhook, id, noun="webhook", version=None if version is UNSET else version)


def sealed_for(store: int, id: str) -> str:
    """What an endpoint's secrets are encrypted for: put into another row, they cannot be read."""
    return f"webhook/{store}/{id}"


def _changes(principal: Principal, webhook: Webhook, command: UpdateWebhook) -> dict[str, Any]:
    """What the command changes, by attribute. Raises as ``chosen``."""
    given: dict[str, Any] = {name: getattr(command, name) for name in ("url", "query", "active", "include_imported")}
    if command.events is not UNSET and list(command.events) != webhook.events:
        given["events"] = chosen(principal, command.events)
    return {name: value for name, value in given.items() if value is not UNSET and value != getattr(webhook, name)}


async def _take_over(work: UnitOfWork, principal: Principal, webhook: Webhook, changes: Mapping[str, Any]) -> None:
    """Make the caller the one whose scopes count. Raises Forbidden, ValidationFailed.

    Who chooses what is sent chooses it as if they made the endpoint. Who changes where it is sent, or anything else but
    that it is sent nothing, must see all of it already; it never shows more than before, nor what they may not see.
    """
    if changes.keys() & {"events", "query"}:
        resolve_types(principal, named_types(changes.get("events", webhook.events)))
        _checked(work, principal, changes.get("query", webhook.query))
        scopes = frozenset(_scopes(principal))
    elif changes == {"active": False}:
        return
    else:
        scopes = await require_all_sent(work, principal, webhook)
    webhook.credential = principal.credential
    webhook.scopes = [scope for scope in SCOPES if scope in scopes and principal.has_scope(scope)]


async def _hear_from_now_on(work: UnitOfWork, webhook: Webhook) -> None:
    """Leave out what has been committed before, though it may get its position only later."""
    (row,) = await _NOW.rows(work.reader)
    webhook.heard_from, webhook.heard_seq = row.snapshot, row.seq


def _scopes(principal: Principal) -> list[str]:
    return [scope for scope in SCOPES if principal.has_scope(scope)]


def _check_url(work: UnitOfWork, url: str) -> None:
    try:
        work.dependency(WebhookDependencies).guard.check_url(url)
    except NotPublicError as refused:
        raise ValidationFailed.of(("url",), ErrorCode.INVALID, str(refused)) from None


def _checked(work: UnitOfWork, principal: Principal, query: str | Unset | None) -> str | None:
    """The query, once it is known to run for the caller. Raises ValidationFailed, Forbidden."""
    if query is UNSET or query is None:
        return None
    work.dependency(WebhookDependencies).shaper.check(query, principal)
    return query


def _secret(given: str | Unset) -> str:
    if given is UNSET:
        return new_secret()
    if not is_usable(given):
        raise ValidationFailed.of(("secret",), ErrorCode.INVALID, "After whsec_ must come base64.")
    return given


async def _changed(work: UnitOfWork, webhook: Webhook) -> None:
    webhook.version += 1
    webhook.updated_at = work.now
    await work.flush()
