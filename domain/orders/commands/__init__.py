"""Commands and filters of orders, drafts and settings. Every limit is written here, once, for both surfaces."""

from domain.orders.commands.drafts import (
    CompleteDraftOrder,
    CreateDraftOrder,
    DeleteDraftOrder,
    DraftOrderFilter,
    UpdateDraftOrder,
)
from domain.orders.commands.filters import OrderFilter
from domain.orders.commands.history import DEFAULT_SOURCE, MAX_PAST_ITEMS, ImportOrder, ImportOrderItem
from domain.orders.commands.orders import (
    MAX_ITEMS,
    MAX_QUANTITY,
    AddOrderNote,
    AssignOrders,
    CancelOrder,
    CreateOrder,
    DiscountInput,
    EditOrder,
    ItemQuantity,
    OrderItemInput,
    OrderTerms,
    UpdateOrder,
    UpdateOrderStatus,
)
from domain.orders.commands.settings import (
    ShippingMethodInput,
    TaxRateInput,
    UpdateSettings,
)

__all__ = [
    "DEFAULT_SOURCE",
    "MAX_ITEMS",
    "MAX_PAST_ITEMS",
    "MAX_QUANTITY",
    "AddOrderNote",
    "AssignOrders",
    "CancelOrder",
    "CompleteDraftOrder",
    "CreateDraftOrder",
    "CreateOrder",
    "DeleteDraftOrder",
    "DiscountInput",
    "DraftOrderFilter",
    "EditOrder",
    "ImportOrder",
    "ImportOrderItem",
    "ItemQuantity",
    "OrderFilter",
    "OrderItemInput",
    "OrderTerms",
    "ShippingMethodInput",
    "TaxRateInput",
    "UpdateDraftOrder",
    "UpdateOrder",
    "UpdateOrderStatus",
    "UpdateSettings",
]
