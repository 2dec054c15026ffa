"""When this happened in that area, do this: news that travels upward, in the same transaction.

The one table of it all. The areas below never import the areas above; they signal, and this table knows who cares.
"""

from __future__ import annotations

from domain import access, catalog, customers, inventory, orders, webhooks
from domain.kernel.event_log.redaction import EventsRedacted
from domain.kernel.use_cases.unit_of_work import SignalHandlers, UnitOfWork


async def _give_a_warehouse(work: UnitOfWork, _: access.StoreOpened) -> None:
    await inventory.open_store(work)


async def _give_settings(work: UnitOfWork, _: access.StoreOpened) -> None:
    await orders.open_settings(work)


async def _set_stock(work: UnitOfWork, news: catalog.StockDeclared) -> None:
    await inventory.set_available(work, news.quantities)


async def _write_off(work: UnitOfWork, news: catalog.VariantRemoved) -> None:
    await inventory.write_off(work, news.product_id, news.variant_id)


async def _redact_orders(work: UnitOfWork, news: customers.CustomerErased) -> None:
    await orders.redact_customer(work, news.customer_id)


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
    customers.CustomerErased: (_redact_orders,),
    EventsRedacted: (_redact_deliveries,),
}
