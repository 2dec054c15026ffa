"""The JSON documents of orders, drafts and settings, for REST and webhooks."""

from domain.orders.serializers.notes import (
    AssignedOrdersDocument,
    OrderNoteDocument,
    OrderStatusChangeDocument,
    serialize_note,
    serialize_step,
)
from domain.orders.serializers.orders import (
    DraftOrderDocument,
    LineDocument,
    OrderDocument,
    OrderItemDocument,
    serialize_draft,
    serialize_item,
    serialize_order,
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
