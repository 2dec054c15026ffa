"""When this happened in that area, do this: news that travels upward, in the same transaction.

The one table of it all. The areas below never import the areas above; they signal, and this table knows who cares.
"""

from __future__ import annotations

from domain import access, catalog, customers, inventory, orders, webhooks
from domain.areas import load_areas
from domain.kernel.event_log.redaction import EventsRedacted, redact_events
from domain.kernel.use_cases.unit_of_work import SignalHandlers, UnitOfWork


async def _give_a_warehouse(work: UnitOfWork, _: access.StoreOpened) -> None:
    await inventory.open_store(work)


async def _give_settings(work: UnitOfWork, _: access.StoreOpened) -> None:
    await orders.open_settings(work)


async def _set_stock(work: UnitOfWork, news: catalog.StockDeclared) -> None:
    await inventory.set_available(work, news.quantities)


async def _write_off(work: UnitOfWork, news: catalog.VariantRemoved) -> None:
    await inventory.write_off(work, news.product_id, news.variant_id)


async def _redact_person(work: UnitOfWork, erased: customers.CustomerErased) -> None:
    """Redact the copies that the areas hold of a customer: one statement a table, however many rows there are."""
    await work.flush()
    for area in load_areas():
        data = area.personal_data
        if data is None or data is customers.personal_data.PERSONAL_DATA:
            continue
        ids = [] if data.objects is None else await data.objects.lock(work, erased.customer_id)
        for section in data.sections.values():
            await section.table.redact(work, erased.customer_id)
        if data.after_redaction is not None:
            await data.after_redaction(work, erased.customer_id)
        if data.objects is not None:
            await redact_events(work, ids, data.objects.blanks)


async def _find_orders_by_new_names(work: UnitOfWork, news: customers.CustomerRenamed) -> None:
    await orders.follow_customer_names(work, news.customer_id)


async def _redact_deliveries(work: UnitOfWork, news: EventsRedacted) -> None:
    await webhooks.redact_deliveries(work, news.object_ids)


async def _hand_over_webhooks(work: UnitOfWork, news: access.KeyRolled) -> None:
    await webhooks.reassign_webhooks(work, news.key_id, news.successor_id)


async def _leave_webhooks(work: UnitOfWork, news: access.KeysRevoked) -> None:
    news.webhook_count = await webhooks.disown_webhooks(work, news.key_ids, disables=news.disables_webhooks)


SIGNAL_HANDLERS: SignalHandlers = {
    access.KeyRolled: (_hand_over_webhooks,),
    access.KeysRevoked: (_leave_webhooks,),
    access.StoreOpened: (_give_a_warehouse, _give_settings),
    catalog.StockDeclared: (_set_stock,),
    catalog.VariantRemoved: (_write_off,),
    customers.CustomerRenamed: (_find_orders_by_new_names,),
    customers.CustomerErased: (_redact_person,),
    EventsRedacted: (_redact_deliveries,),
}
