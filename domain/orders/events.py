"""What orders announce. One change, one event: cancelling and fulfilling are told by their own events alone."""

from __future__ import annotations

from domain.kernel.events import Event


class OrderCreated(Event, type="order.created"):
    """An order was placed."""


class OrderUpdated(Event, type="order.updated"):
    """An order changed; ``changed_fields`` says where."""


class OrderCancelled(Event, type="order.cancelled"):
    """An order was cancelled and its stock released."""


class OrderFulfilled(Event, type="order.fulfilled"):
    """All that was still to be sent of an order has gone."""
