"""The carriers of the port, asked in threads."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

from domain.kernel.errors import Unavailable
from domain.shipping.ports import (
    BoughtLabel,
    CarrierEvent,
    LabelOrder,
    LabelRefusedError,
    LiveAccount,
    LiveQuotes,
    RateRequest,
)
from gateway.adapters.karrio.answers import events_of, label_of, quotes_of, texts_of
from gateway.adapters.karrio.connections import CarrierConnection, CarrierConnections, CarrierFaultError
from gateway.adapters.karrio.requests import SERVICES, label_request, rate_request, with_insurance
from gateway.adapters.karrio.threads import BEGIN_SECONDS, THREADS, CarrierThreads, NotBegunError

log = logging.getLogger("gateway.carriers")

NOT_SENT = (ConnectionRefusedError, socket.gaierror)
"""Why a connection could not be opened: nothing was sent on it."""
BUSY = "The gateway orders too many labels of this carrier at the moment: it was not asked. Try again in a minute."


class KarrioCarriers:
    """Implements ``LiveCarriers``."""

    def __init__(
        self, urls: Mapping[str, str] | None = None, threads: int = THREADS, begin_seconds: float = BEGIN_SECONDS
    ) -> None:
        """``urls``: where carriers are asked, by their codes, if not at their own addresses. ``threads`` and
        ``begin_seconds``: of ``CarrierThreads``.
        """
        self._threads = CarrierThreads(threads, begin_seconds)
        self._connections = CarrierConnections(urls or {})

    @property
    def is_installed(self) -> bool:
        """Whether the extra is installed."""
        return find_spec("karrio") is not None

    async def quotes(self, account: LiveAccount, request: RateRequest) -> LiveQuotes:
        """See ``LiveCarriers``."""
        found, messages = await self._ask(account, partial(self._rates, account, request))
        return LiveQuotes(list(quotes_of(SERVICES[account.carrier], found or ())), texts_of(messages, account))

    async def track(self, account: LiveAccount, tracking_number: str) -> Sequence[CarrierEvent]:
        """See ``LiveCarriers``."""
        found, _ = await self._ask(account, partial(self._track, account, tracking_number))
        return [event for each in found or () for event in events_of(each.events or ())]

    async def buy_label(self, account: LiveAccount, order: LabelOrder) -> BoughtLabel:
        """See ``LiveCarriers``."""
        try:
            label: BoughtLabel = await self._threads.order(account, partial(self._buy, account, order))
        except NotBegunError:
            raise LabelRefusedError(BUSY) from None
        return label

    async def void_label(self, account: LiveAccount, tracking_number: str) -> None:
        """See ``LiveCarriers``. One that never began is a TimeoutError: the reconciler asks again."""
        await self._threads.order(account, partial(self._void, account, tracking_number))

    def close(self) -> None:
        """Take no more work. Threads that wait end with their answers."""
        self._threads.close()

    async def _ask(self, account: LiveAccount, work: Callable[[], Any]) -> Any:
        """The answer to a question. Raises Unavailable."""
        try:
            return await self._threads.ask(account, work)
        except Exception as error:
            raise Unavailable(_reason(error, account)) from None

    def _rates(self, account: LiveAccount, request: RateRequest) -> Any:
        connection = self._connections.connect(account)
        asked = connection.mapper.create_rate_request(rate_request(connection.models, request))
        return connection.mapper.parse_rate_response(connection.proxy.get_rates(asked))

    def _track(self, account: LiveAccount, tracking_number: str) -> Any:
        connection = self._connections.connect(account)
        asked = connection.models.TrackingRequest(tracking_numbers=[_plain(tracking_number)])
        answer = connection.proxy.get_tracking(connection.mapper.create_tracking_request(asked))
        return connection.mapper.parse_tracking_response(answer)

    def _buy(self, account: LiveAccount, order: LabelOrder) -> BoughtLabel:
        def prepare(connection: CarrierConnection) -> Any:
            wanted = label_request(connection.models, account.carrier, order)
            request = connection.mapper.create_shipment_request(wanted)
            return type(request)(with_insurance(account.carrier, request.serialize(), order), ctx=request.ctx)

        connection, request = self._prepared(account, prepare)
        answer = _sent(connection.proxy.create_shipment, request, account)
        details, messages = connection.mapper.parse_shipment_response(answer)
        if details is None:
            raise _refused(messages, account)
        return label_of(details, answer.deserialize(), len(order.packages))

    def _void(self, account: LiveAccount, tracking_number: str) -> None:
        def prepare(connection: CarrierConnection) -> Any:
            wanted = connection.models.ShipmentCancelRequest(shipment_identifier=tracking_number)
            return connection.mapper.create_cancel_shipment_request(wanted)

        connection, request = self._prepared(account, prepare)
        answer = _sent(connection.proxy.cancel_shipment, request, account)
        done, messages = connection.mapper.parse_cancel_shipment_response(answer)
        if done is None or not done.success:
            raise _refused(messages, account)

    def _prepared(
        self, account: LiveAccount, prepare: Callable[[CarrierConnection], Any]
    ) -> tuple[CarrierConnection, Any]:
        """A connection that has its access token, and the request. Until here, nothing was ordered.

        Raises LabelRefusedError.
        """
        try:
            connection = self._connections.connect(account)
            request = prepare(connection)
            connection.proxy.authenticate(request).deserialize()
        except Exception as error:
            raise LabelRefusedError(_reason(error, account)) from None
        return connection, request


def _sent(send: Callable[[Any], Any], request: Any, account: LiveAccount) -> Any:
    """The answer to an order. Raises LabelRefusedError if it was never sent."""
    try:
        return send(request)
    except OSError as error:
        if isinstance(getattr(error, "reason", error), NOT_SENT):
            raise LabelRefusedError(_reason(error, account)) from None
        raise


def _refused(messages: Sequence[Any], account: LiveAccount) -> Exception:
    """The carrier has said no. Without a word of it, it is not known what it has done."""
    texts = texts_of(messages, account)
    return LabelRefusedError(" ".join(texts)) if texts else CarrierFaultError("no word of what it has done")


def _reason(error: Exception, account: LiveAccount) -> str:
    """Why a carrier could not be asked, without what the library says: it might name credentials."""
    log.warning("the carrier %s could not be asked: %s", account.carrier, type(error).__name__)
    messages = getattr(error, "messages", None)  # of the carrier, when it refuses the credentials
    usual = "The carrier is unavailable." if messages is None else "The carrier refuses the credentials."
    return " ".join(texts_of(messages or (), account)) or usual


def _plain(tracking_number: str) -> str:
    """People write them with blanks."""
    return "".join(each for each in tracking_number if each.isalnum())
