"""What becomes of endpoints when the keys that made them change."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.model import Webhook

REVOKED_REASON = "The key that made it was revoked."


async def reassign_webhooks(work: UnitOfWork, key_id: str, successor_id: str) -> None:
    """Let the endpoints of a key that was rolled be its successor's, which has the same scopes."""
    await work.session.execute(
        update(Webhook)
        .where(Webhook.store_id == work.store.number, Webhook.credential == key_id)
        .values(credential=successor_id, version=Webhook.version + 1, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


async def disown_webhooks(work: UnitOfWork, key_ids: Sequence[str], *, disables: bool) -> int:
    """Disable the active endpoints of keys that were revoked, or leave them as they are; answers how many there are."""
    of_theirs = select(Webhook).where(
        Webhook.store_id == work.store.number, Webhook.credential.in_(key_ids), Webhook.active
    )
    if disables:
        of_theirs = of_theirs.order_by(Webhook.id).with_for_update(key_share=True)
    found = (await work.session.scalars(of_theirs.execution_options(populate_existing=True))).all()
    for webhook in found if disables else ():
        webhook.active, webhook.disabled_reason = False, REVOKED_REASON
        webhook.version += 1
        webhook.updated_at = work.now
        audit(work, "webhook.disabled", webhook.id, reason=REVOKED_REASON)
    await work.flush()
    return len(found)
