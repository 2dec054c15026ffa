"""Labels of carriers behind the port of use cases that call out."""

from __future__ import annotations

from domain import shipping
from domain.kernel.crypto import Keyring
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Store
from domain.kernel.use_cases.outbound import Failed, Outcome, Succeeded
from domain.shipping.ports import BuyLabel, LabelRefusedError, LiveCarriers, VoidLabel

REFUSED = "refused"


class CarrierLabels:
    """Buys and voids labels with the accounts of stores. Whatever a carrier raises else leaves the outcome unknown."""

    def __init__(self, keyring: Keyring, live: LiveCarriers) -> None:
        """``keyring``: reads the credentials of accounts."""
        self._keyring = keyring
        self._live = live

    async def send(self, request: BuyLabel | VoidLabel, key: str, store: Store) -> Outcome:
        """See ``OutboundPort``; ``key`` is of no use, as carriers know none."""
        try:
            account = shipping.open_account(request.account, self._keyring, store)
            if isinstance(request, VoidLabel):
                await self._live.void_label(account, request.tracking_number)
                return Succeeded()
            label = await self._live.buy_label(account, request.order)
        except (LabelRefusedError, Unavailable) as why:
            return Failed(REFUSED, str(why))
        return Succeeded({"tracking_numbers": list(label.tracking_numbers)}, label.pdf)

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See ``OutboundPort``: carriers cannot be asked by a key."""
        return None
