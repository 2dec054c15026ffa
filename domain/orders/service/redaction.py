"""What orders keep of a person who asked to be forgotten: the books, and nothing of who it was."""

from __future__ import annotations

from domain.kernel.event_log.redaction import redact_events
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import personal_data
from domain.orders.service.indexes import follow_customer_names, index_numbers


async def redact_customer(work: UnitOfWork, customer_id: str) -> None:
    """Take a customer's name, addresses and e-mail out of their orders, drafts, notes and events.

    What the books need stays: amounts, lines, and the country and state that were taxed. One statement a table,
    however many orders there are.
    """
    await work.flush()
    ids = await personal_data.OBJECTS.lock(work, customer_id)
    for table in personal_data.TABLES:
        await table.redact(work, customer_id)
    await index_numbers(work, customer_id)
    await follow_customer_names(work, customer_id)
    await redact_events(work, ids, personal_data.OBJECTS.blanks)
