"""Orders as REST and webhooks write them."""

from domain.orders.serializers.orders import (
    AssignedOrdersDocument,
    DraftOrderDocument,
    LineDocument,
    OrderDocument,
    OrderItemDocument,
    OrderNoteDocument,
    OrderStatusChangeDocument,
    draft_document,
    item_document,
    note_document,
    order_document,
    step_document,
)
from domain.orders.serializers.settings import (
    SettingsDocument,
    ShippingMethodDocument,
    TaxRateDocument,
    settings_document,
)
from domain.orders.serializers.summary import (
    AmountDocument,
    OrderSummaryDocument,
    average,
    summary_document,
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
    "draft_document",
    "item_document",
    "note_document",
    "order_document",
    "settings_document",
    "step_document",
    "summary_document",
]
