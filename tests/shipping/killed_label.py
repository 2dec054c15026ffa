"""A purchase or the voiding of a carrier's label in a process of its own, which dies by kill -9 at a step."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain import shipping
from domain.catalog import WeightUnit
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.outbound import OutboundUseCase, Outcome
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import PackageInput
from domain.shipping.measures import DimensionUnit
from domain.shipping.ports import LABEL_REQUESTS, BuyLabel, VoidLabel
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.adapters.karrio import KarrioCarriers
from gateway.carrier_labels import CarrierLabels
from gateway.settings import Settings
from gateway.shipping_services import provide_shipping
from tests.payments.conftest import call
from tests.payments.killed import die_at

STEPS = ("first half", "committed", "done outside", "second half", "settled")
"""Before the first commit; after it; when the carrier has done it; before the second commit; after all."""


@dataclass(frozen=True, slots=True)
class LabelOperation:
    """What is to be done: ``order_id`` for a purchase, ``shipment_id`` for voiding."""

    order_id: str = ""
    shipment_id: str = ""

    @property
    def use_case(self) -> OutboundUseCase[Any, Any]:
        """Its use case."""
        found: OutboundUseCase[Any, Any] = shipping.create_shipment if self.order_id else shipping.cancel_shipment  # type: ignore[assignment]
        return found

    @property
    def command(self) -> dict[str, Any]:
        """The fields of its command."""
        if not self.order_id:
            return {"id": self.shipment_id}
        sides = {name: Decimal(6) for name in ("length", "width", "height")}
        package = PackageInput(
            weight=Decimal("2.5"), weight_unit=WeightUnit.POUND, dimension_unit=DimensionUnit.INCH, **sides
        )
        return {"order_id": self.order_id, "carrier": "fedex", "service": "ground", "packages": (package,)}


class FatalLabels:
    """The labels of carriers, in a process that dies around them."""

    def __init__(self, labels: CarrierLabels, step: str) -> None:
        self._labels = labels
        self._step = step

    async def send(self, request: BuyLabel | VoidLabel, key: str, store: Store) -> Outcome:
        """See the port."""
        die_at(self._step, "committed")
        outcome = await self._labels.send(request, key, store)
        die_at(self._step, "done outside")
        return outcome

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        return await self._labels.look_up(key, store)


def run(url: str, keys: str, carrier_url: str, owner: Principal, operation: LabelOperation, step: str) -> None:
    """Do the operation, and die at the step."""
    asyncio.run(_run(url, keys, carrier_url, owner, operation, step))


async def _run(url: str, keys: str, carrier_url: str, owner: Principal, operation: LabelOperation, step: str) -> None:
    sizes = {"read_connections": 1, "write_connections": 2, "system_connections": 1, "identity_connections": 1}
    database = Database(DatabaseOptions(url, reactions=SIGNAL_HANDLERS, **sizes))
    settings = Settings.model_validate({"encryption_keys": keys})
    provide_shipping(settings, database)
    fatal = FatalLabels(CarrierLabels(settings.keyring, KarrioCarriers({"fedex": carrier_url})), step)
    for request in LABEL_REQUESTS:
        database.provide(fatal, kind=request)
    await database.open()
    _die_before_commits(step)
    await call(database, owner, operation.use_case, **operation.command)
    die_at(step, "settled")


def _die_before_commits(step: str) -> None:
    """At the end of the first or the second half, when everything is written and nothing is committed."""
    finish, ended = UnitOfWork.finish, iter(("first half", "second half"))

    async def finishing(work: UnitOfWork) -> None:
        await finish(work)
        die_at(step, next(ended))

    UnitOfWork.finish = finishing  # type: ignore[method-assign]  # of a process that dies
