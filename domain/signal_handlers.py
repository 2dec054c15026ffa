"""The handlers of signals: what an area does when another area signals a change, in the same transaction.

Lower areas never import higher ones. They emit signals, and this table maps each signal to its handlers.
"""

from __future__ import annotations

from functools import partial

from domain import access, catalog, customers, inventory, orders, payments, shipping, webhooks
from domain.areas import load_areas
from domain.kernel.event_log.redaction import EventsRedacted, redact_events
from domain.kernel.use_cases.unit_of_work import SignalHandlers, UnitOfWork


async def _create_default_warehouse(work: UnitOfWork, _: access.StoreOpened) -> None:
    await inventory.open_store(work)


async def _create_settings(work: UnitOfWork, _: access.StoreOpened) -> None:
    await orders.open_settings(work)


async def _create_payment_settings(work: UnitOfWork, _: access.StoreOpened) -> None:
    await payments.open_payment_settings(work)


async def _create_shipping_settings(work: UnitOfWork, _: access.StoreOpened) -> None:
    await shipping.open_shipping_settings(work)


async def _set_declared_stock(work: UnitOfWork, signal: catalog.StockDeclared) -> None:
    await inventory.set_available(work, signal.quantities)


async def _write_off_variant(work: UnitOfWork, signal: catalog.VariantRemoved) -> None:
    await inventory.write_off(work, signal.product_id, signal.variant_id)


async def _require_variant_handed_over(work: UnitOfWork, signal: catalog.VariantRemoved) -> None:
    await shipping.require_handed_over(work, signal.variant_id)  # after the stock is locked, so that no label comes now


async def _propose_refunds(work: UnitOfWork, signal: payments.signals.LinesNotRefunded) -> None:
    await shipping.propose_refunds(work, signal.order_id)


async def _propose_refunds_later(
    work: UnitOfWork, signal: payments.signals.LinesRefunded | payments.signals.FailedLinesRefunded
) -> None:
    """At the end, when it is written which return is refunded."""
    work.postpone(partial(shipping.propose_refunds, work, signal.order_id))


async def _redact_person(work: UnitOfWork, signal: customers.CustomerErased) -> None:
    """Redact the copies of a customer's data in all areas, with one statement per table."""
    await work.flush()
    for area in reversed(load_areas()):  # as payments lock: their order first
        data = area.personal_data
        if data is None or data is customers.personal_data.PERSONAL_DATA:
            continue
        ids = [] if data.objects is None else await data.objects.lock(work, signal.customer_id)
        for section in data.sections.values():
            await section.table.redact(work, signal.customer_id)
        if data.after_redaction is not None:
            await data.after_redaction(work, signal.customer_id)
        if data.objects is not None:
            await redact_events(work, ids, data.objects.blanks)


async def _reindex_orders(work: UnitOfWork, signal: customers.CustomerRenamed) -> None:
    await orders.follow_customer_names(work, signal.customer_id)


async def _redact_deliveries(work: UnitOfWork, signal: EventsRedacted) -> None:
    await webhooks.redact_deliveries(work, signal.object_ids)


async def _reassign_webhooks(work: UnitOfWork, signal: access.KeyRolled) -> None:
    await webhooks.reassign_webhooks(work, signal.key_id, signal.successor_id)


async def _disown_webhooks(work: UnitOfWork, signal: access.KeysRevoked) -> None:
    signal.webhook_count = await webhooks.disown_webhooks(work, signal.key_ids, disables=signal.disables_webhooks)


async def _reassign_clients(work: UnitOfWork, signal: access.KeyRolled) -> None:
    await access.oauth.reassign_clients(work, signal.key_id, signal.successor_id)


async def _end_clients(work: UnitOfWork, signal: access.KeysRevoked) -> None:
    await access.oauth.end_clients_of(work, signal.key_ids)


SIGNAL_HANDLERS: SignalHandlers = {
    access.KeyRolled: (_reassign_webhooks, _reassign_clients),
    access.KeysRevoked: (_disown_webhooks, _end_clients),
    access.StoreOpened: (
        _create_default_warehouse,
        _create_settings,
        _create_payment_settings,
        _create_shipping_settings,
    ),
    catalog.StockDeclared: (_set_declared_stock,),
    catalog.VariantRemoved: (_write_off_variant, _require_variant_handed_over),
    customers.CustomerRenamed: (_reindex_orders,),
    customers.CustomerErased: (_redact_person,),
    EventsRedacted: (_redact_deliveries,),
    payments.signals.FailedLinesRefunded: (orders.recount_lines, _propose_refunds_later),
    payments.signals.LinesNotRefunded: (orders.restore_lines, _propose_refunds),
    payments.signals.LinesRefunded: (orders.refund_lines, _propose_refunds_later),
    payments.signals.OrderPaid: (orders.follow_payment,),
    payments.signals.OrderRequested: (orders.find_payable_order,),
}
