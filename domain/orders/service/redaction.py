"""Redaction of a person's data in orders. Amounts stay on record."""

from __future__ import annotations

from domain.kernel.event_log.redaction import redact_events
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import personal_data
from domain.orders.service.indexes import follow_customer_names, keep_number_words


async def redact_customer(work: UnitOfWork, customer_id: str) -> None:
    """Redact name, addresses and e-mail address of a customer in orders, drafts, notes and events.

    Accounting data stays: amounts, lines, and the country and state that were taxed. Takes one statement per table,
    whatever the number of orders.
    """
    await work.flush()
    ids = await personal_data.OBJECTS.lock(work, customer_id)
    for table in personal_data.TABLES:
        await table.redact(work, customer_id)
    await keep_number_words(work, customer_id)
    await follow_customer_names(work, customer_id)
    await redact_events(work, ids, personal_data.OBJECTS.blanks)
