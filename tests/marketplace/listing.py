"""The use case: list a product at the marketplace.

Its state stands in the product's metadata, which every surface shows: ``listing`` is ``processing``, ``listed`` or
``refused``; ``settled`` counts how often the second half changed it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import orjson

from domain import catalog
from domain.catalog.commands import UpdateProduct
from domain.catalog.commands.shared_fields import id_of
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.outbound import (
    Call,
    Failed,
    OutboundAttempt,
    Outcome,
    Settled,
    Succeeded,
    Unknown,
    outbound_use_case,
)
from domain.kernel.use_cases.registry import USE_CASES
from domain.kernel.use_cases.unit_of_work import UnitOfWork

TIMEOUT = 1.0
"""Seconds that a call may take."""
NAME = "marketplace.list_product"


class Steps:
    """Kills the process with -9 at a step, the first time that it comes there."""

    fatal: str | None = None

    @classmethod
    def pass_by(cls, name: str) -> None:
        """Die here, if it is the step."""
        if cls.fatal == name:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListProduct:
    """List a product at the marketplace."""

    id: Annotated[str, id_of("product", "prod")]


@dataclass(frozen=True)
class Listing:
    """What the marketplace is told."""

    product_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The product, as both surfaces show it."""

    id: str
    listing: str

    @property
    def state(self) -> str:
        """Read while the answer is rendered."""
        Steps.pass_by("rendering")
        return self.listing


@outbound_use_case("products:write", timeout=TIMEOUT)
async def list_product(work: UnitOfWork, principal: Principal, command: ListProduct) -> Call[Listing]:
    """Begin. Raises NotFound, Conflict (it is listed, or being listed)."""
    product = await work.lock(catalog.Product, command.id, noun="product")
    if product.metadata_.get("listing") not in (None, "refused"):
        raise Conflict("The product is listed already.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    await _note(work, command.id, listing="processing", settled="0")
    Steps.pass_by("first half")
    return Call(command.id.replace("prod_", "lst_"), Listing(command.id, product.name))


@list_product.settled
async def settle_listing(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> Listed:
    """Note what came of it, and count."""
    product_id = _product_of(attempt)
    product = await work.lock(catalog.Product, product_id, noun="product")
    state = "listed" if isinstance(outcome, Succeeded) else "refused"
    reference = outcome.data["reference"] if isinstance(outcome, Succeeded) else outcome.code
    if reference == "blunder":
        raise RuntimeError("the second half fails")
    settled = str(int(product.metadata_["settled"]) + 1)
    await _note(work, product_id, listing=state, reference=reference, settled=settled)
    Steps.pass_by("second half")
    return Listed(product_id, state)


@list_product.current
async def current_listing(work: UnitOfWork, attempt: OutboundAttempt) -> Listed:
    """The product as it is."""
    product = await work.lock(catalog.Product, _product_of(attempt), noun="product")
    return Listed(product.id, product.metadata_["listing"])


ENTRY = USE_CASES.pop(NAME)
"""Registered only for the tests that use it: others walk the register."""


@contextmanager
def registered() -> Generator[None]:
    """The use case is one of the house inside."""
    USE_CASES[NAME] = ENTRY
    try:
        yield
    finally:
        del USE_CASES[NAME]


async def _note(work: UnitOfWork, product_id: str, **metadata: Any) -> None:
    owner = Principal(work.store, frozenset({"products:write"}), work.origin.actor)
    await catalog.update_product(work, owner, UpdateProduct(id=product_id, metadata=metadata))


def _product_of(attempt: OutboundAttempt) -> str:
    return attempt.id.replace("lst_", "prod_")


class SocketPort:
    """The marketplace over its socket."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def send(self, request: Listing, key: str, store: Store) -> Outcome:
        """See the port."""
        Steps.pass_by("committed")
        told = {"product_id": request.product_id, "name": request.name}
        answer = await self._ask({"op": "send", "key": key, "pid": os.getpid(), "request": told}, "sent")
        Steps.pass_by("answered")
        return _outcome(answer)

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        Steps.pass_by("leased")
        answer = await self._ask({"op": "look_up", "key": key}, "asked")
        Steps.pass_by("looked up")
        return None if answer["state"] == "none" else _outcome(answer)

    async def _ask(self, message: dict[str, Any], step: str) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(orjson.dumps(message) + b"\n")
            await writer.drain()
            Steps.pass_by(step)
            line = await reader.readline()
            if not line:
                raise ConnectionResetError("the marketplace has closed the connection")
            answer: dict[str, Any] = orjson.loads(line)
            return answer
        finally:
            writer.close()


def _outcome(answer: dict[str, Any]) -> Outcome:
    match answer["state"]:
        case "succeeded":
            return Succeeded(answer["data"])
        case "failed":
            return Failed(answer["code"], answer["message"])
        case _:
            return Unknown()
