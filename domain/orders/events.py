"""The events of orders. A change creates one event: cancellation and fulfilment create only their own."""

from __future__ import annotations

from domain.kernel.events import Event


class OrderCreated(Event, type="order.created"):
    """An order was created."""


class OrderUpdated(Event, type="order.updated"):
    """An order was changed."""


class OrderCancelled(Event, type="order.cancelled"):
    """An order was cancelled and its stock released."""


class OrderFulfilled(Event, type="order.fulfilled"):
    """All remaining items of an order were shipped."""


class OrderRefunded(Event, type="order.refunded"):
    """An amount that was paid for an order was refunded."""
