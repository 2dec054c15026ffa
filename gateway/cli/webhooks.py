"""Webhooks: where events are sent, what became of it, and sending again."""

from __future__ import annotations

from contextlib import aclosing
from itertools import count
from typing import Annotated

import typer

from domain import access, webhooks
from domain.kernel.database import Database
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.registry import use_case_of
from domain.webhooks.commands import RedeliverWebhook
from gateway.cli.console import all_rows, out, run, store_of, stores_or_exit

webhooks_app = typer.Typer(no_args_is_help=True, help="Where events are sent, and what became of it.")

Account = Annotated[str, typer.Option(help="The account's name.")]
WebhookId = Annotated[str, typer.Argument(help="The webhook's id (whk_…).")]


@webhooks_app.command("list")
def list_webhooks(
    account: Account,
    credential: Annotated[str | None, typer.Option(help="Only those of this key (key_…).")] = None,
) -> None:
    """The webhooks of both stores of an account, newest first, without their secrets."""

    async def read(database: Database) -> list[str]:
        filters = {} if credential is None else {"credential": credential}
        lines = []
        for mode, store in (await stores_or_exit(database, account)).items():
            async for row in all_rows(database, store, webhooks.reads.webhooks, filters):
                lines.append(
                    f"{row.id}  {mode.value:4}  {_state(row)}  {row.url}  {','.join(row.events)}  {row.created_by}"
                )
        return lines

    for line in run(read):
        out.print(line, markup=False)


@webhooks_app.command("deliveries")
def list_deliveries(
    webhook_id: WebhookId,
    account: Account,
    status: Annotated[
        list[webhooks.DeliveryStatus] | None, typer.Option(help="Only these; may be given again.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most as many.")] = 50,
) -> None:
    """What a webhook was sent and what became of it, newest first, without bodies."""

    async def read(database: Database) -> list[str]:
        store = await store_of(database, account, webhooks.reads.webhook_by_id, webhook_id, "webhook")
        filters = {"webhook_id": webhook_id, **({"status": tuple(status)} if status else {})}
        lines = []
        async with aclosing(all_rows(database, store, webhooks.reads.deliveries, filters)) as rows:
            numbers = count(1)
            async for row in rows:
                lines.append(_delivery(row))
                if next(numbers) == limit:
                    break
        return lines

    for line in run(read):
        out.print(line, markup=False)


@webhooks_app.command("redeliver")
def redeliver(
    webhook_id: WebhookId,
    account: Account,
    delivery: Annotated[str | None, typer.Option(help="Only this delivery (dlv_…); else all that have failed.")] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help="Also what waits for its next attempt: it is sent now.")
    ] = False,
) -> None:
    """Send again; a running server or worker does it at once, or within a second."""

    async def again(database: Database) -> int:
        store = await store_of(database, account, webhooks.reads.webhook_by_id, webhook_id, "webhook")
        caller = access.system_principal(store)
        async with database.transaction(caller) as work:
            if delivery is not None:
                command = use_case_of(webhooks.redeliver).command(webhook_id=webhook_id, id=delivery)
                await webhooks.redeliver(work, caller, command)
                return 1
            many = await webhooks.redeliver_webhook(work, caller, RedeliverWebhook(id=webhook_id, pending=pending))
            return many.count

    out.print(f"Sent again: {run(again)}")


def _state(row: Row) -> str:
    if not row.active:
        return "inactive"
    return "failing" if row.failing_since is not None else "active"


def _delivery(row: Row) -> str:
    last = webhooks.DeliveryAttempt.of(row.attempts[-1]) if row.attempts else None
    outcome = "" if last is None else str(last.status or last.error)
    due = "" if row.next_attempt_at is None else f"next {row.next_attempt_at:%Y-%m-%dT%H:%M:%SZ}"
    parts = (
        row.id,
        f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        row.type,
        row.status,
        f"attempts {len(row.attempts)}",
        outcome,
        due,
    )
    return "  ".join(part for part in parts if part)
