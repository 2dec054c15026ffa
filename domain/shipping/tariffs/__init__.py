"""The built-in tariffs: zones, published-style price tables, and what each service takes and adds.

- ``services.py``  the carriers and services, with their limits and surcharges
- ``zones.py``     the zone between two places
- ``tables.py``    prices by weight and zone
- ``quotes.py``    the price of packages by one service
- ``data/``        the tables, made by ``source/generate.py``
"""

from domain.shipping.tariffs.quotes import Quote, RefusalKind, ServiceRefusal, quote_service
from domain.shipping.tariffs.services import CARRIERS, TariffCarrier, TariffService

__all__ = [
    "CARRIERS",
    "Quote",
    "RefusalKind",
    "ServiceRefusal",
    "TariffCarrier",
    "TariffService",
    "quote_service",
]
