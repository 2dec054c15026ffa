"""An endpoint and a delivery that failed, for tests that look at every table, route and field."""

from __future__ import annotations

from domain import webhooks
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case_of
from domain.webhooks.commands import CreateWebhook

URL = "https://hooks.example.com/theirs"


async def hook(database: Database, principal: Principal) -> dict[str, str]:
    """An active endpoint that hears of little (``whk``), and a test of it that was given up (``dlv``)."""
    async with database.transaction(principal) as work:
        command = CreateWebhook(url=URL, events=("product.deleted",), secret="secret-of-a-test")
        issued = await webhooks.create_webhook(work, principal, command)
        test = use_case_of(webhooks.test_webhook).command
        delivery = await webhooks.test_webhook(work, principal, test(id=issued.id))
        await work.flush()
        delivery.status, delivery.due_at = webhooks.WebhookDeliveryStatus.FAILED, None
    return {"whk": issued.id, "dlv": delivery.id}
