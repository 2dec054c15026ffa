"""Deliveries whose bodies and attempts not everybody may see, as they are stored now and as they once were."""

from __future__ import annotations

from typing import Any

from domain import events
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.listing import Query
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.body_scopes import TEST_EVENT_TYPE
from domain.webhooks.model import Webhook, WebhookDelivery, WebhookDeliveryStatus

PLAIN = {"number": 1, "at": "2026-01-15T10:30:00.123999+00:00", "duration_ms": 87, "status": 500, "error": None}
ATTEMPTS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{**PLAIN, "response": 'Out: "ä" \\ 🦊 <b>'}],
    [
        {**PLAIN, "status": None, "error": "Refused.", "response": None},
        {**PLAIN, "number": 2, "at": "2026-06-30T23:59:59.9999+00:00", "response": ""},
    ],
    [{name: value for name, value in PLAIN.items() if name != "at"} | {"started_at": PLAIN["at"], "response": "ok"}],
    [{"number": 1, "at": "2026-01-15T10:30:00+00:00", "duration_ms": 0, "later": {"a": 1}}],
)
"""Attempts: none, one, two, one as it was once stored, and one without members that may be null."""
SCOPES: tuple[list[str] | None, ...] = (
    None,
    [],
    ["webhooks:read"],
    ["orders:read"],
    ["webhooks:read|orders:read", "customers:read|products:write"],
    ["orders:read|customers:read"],
    [""],
)
"""What callers need for the bodies."""


async def add_deliveries(database: Database, principal: Principal) -> str:
    """Add a webhook with a delivery of each kind; its id. Every other one is of an event, the rest are tests."""
    async with database.read_connection(principal.store) as db:
        event = (await events.reads.events.page(db, Query())).rows[0]
    async with database.transaction(principal) as work:
        hook = _webhook(work)
        work.add(hook)
        kinds = [(attempts, scopes) for attempts in ATTEMPTS for scopes in SCOPES]
        for number, (attempts, scopes) in enumerate(kinds):
            made = _delivery(work, hook.id, attempts, scopes)
            made.request = f"body {number}" if number % 5 else None
            if number % 2:
                made.event_id, made.type, made.object_id = event.id, event.type, event.object_id
            work.add(made)
    return hook.id


def _webhook(work: UnitOfWork) -> Webhook:
    return Webhook(
        store_id=work.store.number,
        id=new_id("whk"),
        url="https://hooks.example.com/seen",
        events=["product.deleted"],
        active=False,
        include_imported=False,
        secret=b"",
        secret_hint="whsec_…",
        credential="system",
        scopes=[],
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )


def _delivery(
    work: UnitOfWork, webhook: str, attempts: list[dict[str, Any]], scopes: list[str] | None
) -> WebhookDelivery:
    return WebhookDelivery(
        store_id=work.store.number,
        id=new_id("dlv"),
        webhook_id=webhook,
        type=TEST_EVENT_TYPE,
        object_id=webhook,
        status=WebhookDeliveryStatus.FAILED,
        attempt=len(attempts),
        attempts=attempts,
        body_scopes=scopes,
        redactions=0,
        created_at=work.now,
        updated_at=work.now,
    )
