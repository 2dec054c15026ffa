"""The JSON documents of orders, drafts and settings, for REST and webhooks."""

from domain.orders.serializers.orders import (
    AssignedOrdersDocument,
    DraftOrderDocument,
    LineDocument,
    OrderDocument,
    OrderItemDocument,
    OrderNoteDocument,
    OrderStatusChangeDocument,
    serialize_draft,
    serialize_item,
    serialize_note,
    serialize_order,
    serialize_step,
)
from domain.orders.serializers.settings import (
    SettingsDocument,
    ShippingMethodDocument,
    TaxRateDocument,
    serialize_settings,
)
from domain.orders.serializers.summary import (
    AmountDocument,
    OrderSummaryDocument,
    average,
    serialize_summary,
)

__all__ = [
    "AmountDocument",
    "AssignedOrdersDocument",
    "DraftOrderDocument",
    "LineDocument",
    "OrderDocument",
    "OrderItemDocument",
    "OrderNoteDocument",
    "OrderStatusChangeDocument",
    "OrderSummaryDocument",
    "SettingsDocument",
    "ShippingMethodDocument",
    "TaxRateDocument",
    "average",
    "serialize_draft",
    "serialize_item",
    "serialize_note",
    "serialize_order",
    "serialize_settings",
    "serialize_step",
    "serialize_summary",
]
