"""The scopes of endpoints: what they may receive, and who may read all of it."""

from __future__ import annotations

from domain import access
from domain.events import area_of, selected_types
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.body_scopes import Need, needs_of_document, unmet_needs
from domain.webhooks.model import Webhook
from domain.webhooks.ports import WebhookDependencies


async def held_scopes(work: UnitOfWork, webhook: Webhook) -> frozenset[str]:
    """Return the scopes of an endpoint: those stored with it, minus those its credential has lost since."""
    key = await access.reads.key_by_id.for_key(work.reader, webhook.credential)
    scopes = frozenset(webhook.scopes)
    return scopes if key is None else scopes.intersection(key.scopes)


async def require_all_sent(work: UnitOfWork, principal: Principal, webhook: Webhook) -> frozenset[str]:
    """Return the scopes of an endpoint if the caller may read all that it receives. Raises Forbidden."""
    held = await held_scopes(work, webhook)
    missing = unmet_needs(needs_sent(work, webhook, held), principal.scopes)
    if missing is not None:
        raise principal.lacks(*missing, purpose=", which data sent to this webhook requires")
    return held


def needs_sent(work: UnitOfWork, webhook: Webhook, held: frozenset[str]) -> list[Need]:
    """List the needs of all that an endpoint with these scopes receives."""
    types = [type for type in selected_types(webhook.events) if area_of(type).scope in held]
    if webhook.query is None:
        return [need for type in types for need in needs_of_document(type, held)]
    return [
        *((area_of(type).scope,) for type in types),
        *work.dependency(WebhookDependencies).query_runner.needs(webhook.query, held),
    ]
