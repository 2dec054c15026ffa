"""What shipping asks of the outside.

- ``labels.py``          who draws labels, and where they are found
- ``rates.py``           carriers that are asked for rates
- ``live_carriers.py``   carriers that are asked over the network: prices by contract, labels, tracking
"""

from domain.shipping.ports.labels import (
    PDF,
    PNG,
    ZPL,
    Label,
    LabelFile,
    LabelPrinter,
    LabelPrinters,
    ShippingLinks,
    barcode_elements,
)
from domain.shipping.ports.live_carriers import (
    LABEL_REQUESTS,
    LIVE_CARRIERS,
    BoughtLabel,
    BuyLabel,
    CarrierEvent,
    LabelOrder,
    LabelRefusedError,
    LiveAccount,
    LiveCarriers,
    LiveQuote,
    LiveQuotes,
    StoredAccount,
    VoidLabel,
)
from domain.shipping.ports.rates import (
    CarrierRates,
    Rate,
    RateDesk,
    RateRequest,
    RateSource,
    UnavailableRate,
)

__all__ = [
    "LABEL_REQUESTS",
    "LIVE_CARRIERS",
    "PDF",
    "PNG",
    "ZPL",
    "BoughtLabel",
    "BuyLabel",
    "CarrierEvent",
    "CarrierRates",
    "Label",
    "LabelFile",
    "LabelOrder",
    "LabelPrinter",
    "LabelPrinters",
    "LabelRefusedError",
    "LiveAccount",
    "LiveCarriers",
    "LiveQuote",
    "LiveQuotes",
    "Rate",
    "RateDesk",
    "RateRequest",
    "RateSource",
    "ShippingLinks",
    "StoredAccount",
    "UnavailableRate",
    "VoidLabel",
    "barcode_elements",
]
