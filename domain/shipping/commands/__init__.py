"""The commands of shipping.

- ``rates.py``          the input of rates
- ``shipments.py``      shipments and their tracking events
- ``returns.py``        returns
- ``carriers.py``       the store's own carriers, and its shipping settings
- ``filters.py``        filters of lists
- ``shared_fields.py``  what several of them have
"""

from domain.shipping.commands.carriers import (
    BoxInput,
    CarrierAccountInput,
    CarrierRateInput,
    CarrierServiceInput,
    CarrierZoneInput,
    CreateShippingCarrier,
    DeleteShippingCarrier,
    ExchangeRateInput,
    UpdateShippingCarrier,
    UpdateShippingSettings,
)
from domain.shipping.commands.filters import ReturnFilter, ShipmentFilter
from domain.shipping.commands.rates import RateAddressInput, ShippingRatesInput
from domain.shipping.commands.returns import (
    ApproveReturn,
    CloseReturn,
    CreateReturn,
    ReceiveReturn,
    RefundReturn,
    RejectReturn,
    ReturnLineInput,
    ReturnReceiptInput,
)
from domain.shipping.commands.shared_fields import PackageInput, ShipmentItemInput
from domain.shipping.commands.shipments import AddTrackingEvent, AdvanceShipment, CancelShipment, CreateShipment

__all__ = [
    "AddTrackingEvent",
    "AdvanceShipment",
    "ApproveReturn",
    "BoxInput",
    "CancelShipment",
    "CarrierAccountInput",
    "CarrierRateInput",
    "CarrierServiceInput",
    "CarrierZoneInput",
    "CloseReturn",
    "CreateReturn",
    "CreateShipment",
    "CreateShippingCarrier",
    "DeleteShippingCarrier",
    "ExchangeRateInput",
    "PackageInput",
    "RateAddressInput",
    "ReceiveReturn",
    "RefundReturn",
    "RejectReturn",
    "ReturnFilter",
    "ReturnLineInput",
    "ReturnReceiptInput",
    "ShipmentFilter",
    "ShipmentItemInput",
    "ShippingRatesInput",
    "UpdateShippingCarrier",
    "UpdateShippingSettings",
]
