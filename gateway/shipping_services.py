"""What shipping uses of the outside: printers of labels, the addresses of labels, and how carriers are asked."""

from __future__ import annotations

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.shipping.ports import LABEL_REQUESTS, PDF, PNG, ZPL, LabelPrinters, LiveCarriers, RateDesk, ShippingLinks
from gateway.adapters.karrio import KarrioCarriers
from gateway.adapters.labels import PdfLabels, PngLabels, ZplLabels
from gateway.carrier_labels import CarrierLabels
from gateway.processors import LOCAL_URL
from gateway.settings import Settings


def provide_shipping(settings: Settings, database: Database) -> KarrioCarriers:
    """Let shipping find its printers, its links, live carriers and the time that carriers have.

    Returns the live carriers, to be closed at the end.
    """
    live = KarrioCarriers()
    database.provide(live, kind=LiveCarriers)
    database.provide(settings.keyring, kind=Keyring)
    labels = CarrierLabels(settings.keyring, live)
    for request in LABEL_REQUESTS:
        database.provide(labels, kind=request)
    pages = PdfLabels()
    database.provide(LabelPrinters({PDF: pages, PNG: PngLabels(pages), ZPL: ZplLabels()}))
    database.provide(RateDesk(deadline=settings.carrier_timeout))
    database.provide(ShippingLinks(settings.public_url or LOCAL_URL))
    return live
