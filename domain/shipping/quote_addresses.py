"""What prices depend on of an address, by one rule for rates and shipments."""

from __future__ import annotations

from domain.kernel.address import Address
from domain.shipping.tariffs.quotes import QuoteAddress


def quote_address(address: Address) -> QuoteAddress:
    """An address as carriers price it: one without a company is private."""
    return QuoteAddress(
        country=address.country,
        zip=address.zip,
        is_residential=address.company is None,
        city=address.city,
        state=address.state,
    )
