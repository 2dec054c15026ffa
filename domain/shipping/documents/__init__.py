"""What REST and webhooks write of shipments, returns, carriers and rates."""

from domain.shipping.documents.carriers import (
    BoxDocument,
    CarrierAccountDocument,
    CarrierRateDocument,
    CarrierServiceDocument,
    CarrierZoneDocument,
    ExchangeRateDocument,
    ShippingCarrierDocument,
    ShippingSettingsDocument,
    stored_entries,
)
from domain.shipping.documents.returns import ReturnDocument, ReturnLineDocument, ReturnStatusChangeDocument
from domain.shipping.documents.shipments import (
    ShipmentDocument,
    ShipmentItemDocument,
    ShipmentPackageDocument,
    ShippingRateDocument,
    ShippingRatesDocument,
    TrackingEventDocument,
    UnavailableCarrierDocument,
)

__all__ = [
    "BoxDocument",
    "CarrierAccountDocument",
    "CarrierRateDocument",
    "CarrierServiceDocument",
    "CarrierZoneDocument",
    "ExchangeRateDocument",
    "ReturnDocument",
    "ReturnLineDocument",
    "ReturnStatusChangeDocument",
    "ShipmentDocument",
    "ShipmentItemDocument",
    "ShipmentPackageDocument",
    "ShippingCarrierDocument",
    "ShippingRateDocument",
    "ShippingRatesDocument",
    "ShippingSettingsDocument",
    "TrackingEventDocument",
    "UnavailableCarrierDocument",
    "stored_entries",
]
