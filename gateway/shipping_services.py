"""What shipping uses of the outside: printers of labels, the addresses of labels, and how carriers are asked."""

from __future__ import annotations

from domain.kernel.database import Database
from domain.shipping.ports import PDF, ZPL, LabelPrinters, RateDesk, ShippingLinks
from gateway.adapters.labels import PdfLabels, ZplLabels
from gateway.processors import LOCAL_URL
from gateway.settings import Settings


def provide_shipping(settings: Settings, database: Database) -> None:
    """Let shipping find its printers, its links and the time that carriers have."""
    database.provide(LabelPrinters({PDF: PdfLabels(), ZPL: ZplLabels()}))
    database.provide(RateDesk(deadline=settings.carrier_timeout))
    database.provide(ShippingLinks(settings.public_url or LOCAL_URL))
