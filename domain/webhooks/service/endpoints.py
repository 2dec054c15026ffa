"""Use cases of endpoints: create, update, delete, roll the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, Select, Text, func, literal_column, select, update

from domain.events import named_types, normalize_selectors, resolve_types
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
from domain.webhooks.model import Webhook, WebhookDelivery, WebhookDeliveryStatus
from domain.webhooks.ports import WebhookDependencies
from domain.webhooks.service.webhook_scopes import require_all_sent
from domain.webhooks.signatures import hint_of, is_usable, new_secret

MAX_WEBHOOKS = 100
"""Per store: each is checked for every event."""
_LAST_SEQ: ColumnElement[int] = func.coalesce(
    func.pg_sequence_last_value(literal_column("'event_seq'::regclass")), literal_column("0"), type_=BigInteger()
)
_SNAPSHOT: ColumnElement[str] = func.pg_current_snapshot().cast(Text)
_LOG_POSITION = Statement(
    "read_log_position", cast("Select[Any]", select(_SNAPSHOT.label("snapshot"), _LAST_SEQ.label("seq")))
)


@dataclass(frozen=True, slots=True)
class IssuedWebhook:
    """An endpoint with its new secret."""

    webhook: Webhook
    secret: str

    @property
    def id(self) -> str:
        """The endpoint's id."""
        return self.webhook.id


@dataclass(frozen=True, slots=True)
class DeletedWebhook:
    """The id of a deleted endpoint."""

    deleted_id: str


@use_case("webhooks:write")
async def create_webhook(work: UnitOfWork, principal: Principal, command: CreateWebhook) -> IssuedWebhook:
    """Create an endpoint.

    Raises ValidationFailed (an unknown event type, a URL that is not public, an invalid query), Forbidden (what the
    caller may not read), Conflict (the store has MAX_WEBHOOKS).
    """
    events = normalize_selectors(principal, command.events)
    _check_url(work, command.url)
    query = _checked_query(work, principal, command.query)
    secret = _secret(command.secret)
    await _refuse_too_many(work)
    webhook = _new_webhook(work, principal, command)
    webhook.events, webhook.query, webhook.secret_hint = events, query, hint_of(secret)
    webhook.secret = work.dependency(WebhookDependencies).keyring.encrypt(
        secret.encode(), secret_context(webhook.store_id, webhook.id)
    )
    work.add(webhook)
    audit(work, "webhook.created", webhook.id, url=webhook.url, events=events)
    await work.flush()
    return IssuedWebhook(webhook, secret)


def _new_webhook(work: UnitOfWork, principal: Principal, command: CreateWebhook) -> Webhook:
    """A webhook that has neither delivered nor failed yet; without its secret."""
    return Webhook(
        store_id=work.store.number,
        id=new_id("whk"),
        url=command.url,
        active=command.active,
        include_imported=command.include_imported,
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


async def _refuse_too_many(work: UnitOfWork) -> None:
    """Raises Conflict where the store has as many webhooks as it may have."""
    count = select(func.count()).select_from(Webhook).where(Webhook.store_id == work.store.number)
    if (await work.session.scalar(count) or 0) >= MAX_WEBHOOKS:
        message = f"A store can have at most {MAX_WEBHOOKS} webhooks. Delete unused ones first."
        raise Conflict(message, ErrorCode.TOO_LARGE)


@use_case("webhooks:write")
async def update_webhook(work: UnitOfWork, principal: Principal, command: UpdateWebhook) -> Webhook:
    """Update an endpoint; equal values change nothing. Reactivating it resets its failure state.

    Raises NotFound, Conflict (stale version), ValidationFailed and Forbidden like ``create_webhook``. Forbidden also if
    the caller may not read all that the endpoint receives and does not change ``events`` or ``query``: with another URL
    they would receive it.
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
        await _start_from_now(work, webhook)
    audit(work, "webhook.updated", webhook.id, url=webhook.url, events=webhook.events, active=webhook.active)
    await _changed(work, webhook)
    return webhook


@use_case("webhooks:write")
async def delete_webhook(work: UnitOfWork, principal: Principal, command: DeleteWebhook) -> DeletedWebhook:
    """Delete an endpoint and drop its pending deliveries. Raises NotFound, Conflict (stale version)."""
    webhook = await open_webhook(work, command.id, command.expected_version)
    await work.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.store_id == work.store.number,
            WebhookDelivery.webhook_id == webhook.id,
            WebhookDelivery.due_at.is_not(None),
        )
        .values(status=WebhookDeliveryStatus.FAILED, due_at=None, lease=None, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    await work.session.delete(webhook)
    audit(work, "webhook.deleted", webhook.id, url=webhook.url)
    await work.flush()
    return DeletedWebhook(command.id)


@use_case("webhooks:write")
async def roll_webhook_secret(work: UnitOfWork, principal: Principal, command: RollWebhookSecret) -> IssuedWebhook:
    """Replace the secret; for an overlap (seconds), deliveries are signed with the old one too.

    Raises NotFound, Conflict (stale version), ValidationFailed, Forbidden (the caller may not read all that it
    receives).
    """
    webhook = await open_webhook(work, command.id, command.expected_version)
    await require_all_sent(work, principal, webhook)
    secret = _secret(command.secret)
    webhook.previous_secret = webhook.secret if command.overlap_seconds else None
    webhook.previous_until = work.now + timedelta(seconds=command.overlap_seconds) if command.overlap_seconds else None
    webhook.secret = work.dependency(WebhookDependencies).keyring.encrypt(
        secret.encode(), secret_context(webhook.store_id, webhook.id)
    )
    webhook.secret_hint = hint_of(secret)
    audit(work, "webhook.secret_rolled", webhook.id, overlap_seconds=command.overlap_seconds)
    await _changed(work, webhook)
    return IssuedWebhook(webhook, secret)


async def open_webhook(work: UnitOfWork, id: str, version: int | Unset = UNSET) -> Webhook:
    """Find and lock an endpoint. Raises NotFound, Conflict (stale version)."""
    return await work.lock(Webhook, id, noun="webhook", version=version)


def secret_context(store: int, id: str) -> str:
    """Return the encryption context of an endpoint's secrets: copied to another row, they cannot be decrypted."""
    return f"webhook/{store}/{id}"


def _changes(principal: Principal, webhook: Webhook, command: UpdateWebhook) -> dict[str, Any]:
    """Return the changed attributes with their new values. Raises like ``normalize_selectors``."""
    values: dict[str, Any] = {name: getattr(command, name) for name in ("url", "query", "active", "include_imported")}
    if command.events is not UNSET and list(command.events) != webhook.events:
        values["events"] = normalize_selectors(principal, command.events)
    return {name: value for name, value in values.items() if value is not UNSET and value != getattr(webhook, name)}


async def _take_over(work: UnitOfWork, principal: Principal, webhook: Webhook, changes: Mapping[str, Any]) -> None:
    """Make the caller the credential of the endpoint. Raises Forbidden, ValidationFailed.

    Changing ``events`` or ``query`` applies the caller's scopes, as if they created the endpoint. Any other change,
    except deactivation, requires that the caller may read all that the endpoint receives. The endpoint then receives no
    more than before, and nothing that the caller may not read.
    """
    if changes.keys() & {"events", "query"}:
        resolve_types(principal, named_types(changes.get("events", webhook.events)))
        _checked_query(work, principal, changes.get("query", webhook.query))
        scopes = frozenset(_scopes(principal))
    elif changes == {"active": False}:
        return
    else:
        scopes = await require_all_sent(work, principal, webhook)
    webhook.credential = principal.credential
    webhook.scopes = [scope for scope in SCOPES if scope in scopes and principal.has_scope(scope)]


async def _start_from_now(work: UnitOfWork, webhook: Webhook) -> None:
    """Exclude events committed before, even if they get their position later."""
    (row,) = await _LOG_POSITION.rows(work.reader)
    webhook.heard_from, webhook.heard_seq = row.snapshot, row.seq


def _scopes(principal: Principal) -> list[str]:
    return [scope for scope in SCOPES if principal.has_scope(scope)]


def _check_url(work: UnitOfWork, url: str) -> None:
    try:
        work.dependency(WebhookDependencies).address_policy.check_url(url)
    except NotPublicError as error:
        raise ValidationFailed.of(("url",), ErrorCode.INVALID, str(error)) from None


def _checked_query(work: UnitOfWork, principal: Principal, query: str | Unset | None) -> str | None:
    """Check that the query runs for the caller, and return it. Raises ValidationFailed, Forbidden."""
    if query is UNSET or query is None:
        return None
    work.dependency(WebhookDependencies).query_runner.check(query, principal)
    return query


def _secret(requested: str | Unset) -> str:
    if requested is UNSET:
        return new_secret()
    if not is_usable(requested):
        raise ValidationFailed.of(("secret",), ErrorCode.INVALID, "The part after whsec_ must be base64.")
    return requested


async def _changed(work: UnitOfWork, webhook: Webhook) -> None:
    webhook.version += 1
    webhook.updated_at = work.now
    await work.flush()
