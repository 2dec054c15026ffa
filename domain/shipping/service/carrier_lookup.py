"""Finding the carriers that a store may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from domain.kernel.errors import ErrorCode, Path, ValidationFailed
from domain.kernel.principal import Store
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.sql.statements import STORE, Statement
from domain.shipping import reads
from domain.shipping.carriers import Carrier, CustomRates, TariffRates
from domain.shipping.exchange import Exchange
from domain.shipping.model import CustomCarrier
from domain.shipping.tariffs import CARRIERS

_carrier = CustomCarrier.__table__.c
_ACTIVE_CARRIERS = Statement(
    "active_shipping_carriers",
    select(
        _carrier.code,
        _carrier.name,
        _carrier.tracking_url,
        _carrier.prints_labels,
        _carrier.currency,
        _carrier.weight_unit,
        _carrier.zones,
        _carrier.services,
    )
    .where(_carrier.store_id == STORE, _carrier.active)
    .order_by(_carrier.code),
)


@dataclass(frozen=True, slots=True)
class StoreCarriers:
    """The carriers of a store that are switched on, and its settings."""

    settings: Row
    carriers: Sequence[Carrier]
    custom_codes: frozenset[str]

    @property
    def exchange(self) -> Exchange:
        """The exchange rates of the store."""
        return Exchange.of_settings(self.settings)

    def choose(self, code: str, service: str, path: Path = ()) -> Carrier:
        """The carrier with this code, which has this service.

        Raises ValidationFailed, naming those there are. ``path``: of the object with the fields.
        """
        known = {each.code: each for each in self.carriers}
        carrier = known.get(code)
        if carrier is None:
            message = f"Unknown carrier. There are: {', '.join(known) or 'none, see the shipping settings'}."
            raise ValidationFailed.of((*path, "carrier"), ErrorCode.NOT_FOUND, message)
        if service not in carrier.services:
            message = f"{carrier.name} has no such service. There are: {', '.join(carrier.services)}."
            raise ValidationFailed.of((*path, "service"), ErrorCode.NOT_FOUND, message)
        return carrier


async def store_carriers(db: Executor, store: Store) -> StoreCarriers:
    """Read the settings and the carriers of a store."""
    settings = await reads.settings_by_store.for_key(db, store.id)
    own = await _ACTIVE_CARRIERS.rows(db)
    carriers: list[Carrier] = [TariffRates(CARRIERS[code]) for code in settings.carriers]
    carriers += [CustomRates(row) for row in own]
    return StoreCarriers(settings, carriers, frozenset(row.code for row in own))
