"""Handlers of changes to API keys: reassigning and disabling their endpoints."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.model import Webhook

REVOKED_REASON = "The API key that created the webhook was revoked."


async def reassign_webhooks(work: UnitOfWork, key_id: str, successor_id: str) -> None:
    """Move the endpoints of a rolled key to its successor, which has the same scopes."""
    await work.session.execute(
        update(Webhook)
        .where(Webhook.store_id == work.store.number, Webhook.credential == key_id)
        .values(credential=successor_id, version=Webhook.version + 1, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


async def disown_webhooks(work: UnitOfWork, key_ids: Sequence[str], *, disables: bool) -> int:
    """Count the active endpoints of revoked keys, and deactivate them if ``disables``."""
    statement = select(Webhook).where(
        Webhook.store_id == work.store.number, Webhook.credential.in_(key_ids), Webhook.active
    )
    if disables:
        statement = statement.order_by(Webhook.id).with_for_update(key_share=True)
    endpoints = (await work.session.scalars(statement.execution_options(populate_existing=True))).all()
    for webhook in endpoints if disables else ():
        webhook.active, webhook.disabled_reason = False, REVOKED_REASON
        webhook.version += 1
        webhook.updated_at = work.now
        audit(work, "webhook.disabled", webhook.id, reason=REVOKED_REASON)
    await work.flush()
    return len(endpoints)
