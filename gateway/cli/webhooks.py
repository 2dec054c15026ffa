"""Commands for webhooks: ``gateway webhooks``."""

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

webhooks_app = typer.Typer(no_args_is_help=True, help="Manage webhooks and their deliveries.")

Account = Annotated[str, typer.Option(help="The name of the account.")]
WebhookId = Annotated[str, typer.Argument(help="The id of the webhook (whk_…).")]


@webhooks_app.command("list")
def list_webhooks(
    account: Account,
    credential: Annotated[str | None, typer.Option(help="Only webhooks of this API key (key_…).")] = None,
) -> None:
    """List the webhooks of both stores of an account, newest first, without their secrets."""

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
        list[webhooks.WebhookDeliveryStatus] | None,
        typer.Option(help="Delivery status to list. Repeatable. Default: all."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The largest number of deliveries to list.")] = 50,
) -> None:
    """List the deliveries of a webhook, newest first, without bodies."""

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
    delivery: Annotated[
        str | None, typer.Option(help="Only this delivery (dlv_…). Default: all failed deliveries.")
    ] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help="Also deliveries that wait for their next attempt.")
    ] = False,
) -> None:
    """Redeliver deliveries. A running server or worker sends them within a second."""

    async def redeliver_selected(database: Database) -> int:
        store = await store_of(database, account, webhooks.reads.webhook_by_id, webhook_id, "webhook")
        caller = access.system_principal(store)
        async with database.transaction(caller) as work:
            if delivery is not None:
                command = use_case_of(webhooks.redeliver_webhook_delivery).command(webhook_id=webhook_id, id=delivery)
                await webhooks.redeliver_webhook_delivery(work, caller, command)
                return 1
            redelivery = await webhooks.redeliver_webhook(
                work, caller, RedeliverWebhook(id=webhook_id, pending=pending)
            )
            return redelivery.count

    out.print(f"Deliveries to be redelivered: {run(redeliver_selected)}")


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
