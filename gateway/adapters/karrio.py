"""Live carriers, asked by the library karrio, which the extra ``carriers`` installs.

The library is synchronous, waits without limit, writes to the terminal and remembers what it has sent. So: it is
imported when a carrier is asked first, runs in a few threads of its own, waits ``SOCKET_SECONDS`` for each answer, and
is silenced. Its registry of carriers is not used: that imports all of them (5 s of CPU, 260 MB).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from domain.catalog import WeightUnit
from domain.kernel.errors import Unavailable
from domain.kernel.money import EXPONENTS
from domain.shipping import TrackingStatus
from domain.shipping.measures import CENTIMETRES, DimensionUnit, MeasuredPackage
from domain.shipping.ports import CarrierEvent, LiveAccount, LiveQuote, LiveQuotes, RateRequest
from domain.shipping.tariffs.quotes import QuoteAddress

log = logging.getLogger("gateway.carriers")

THREADS = 8
"""Of each carrier, so that one that hangs delays no other. What waits for a thread leaves when its caller gives up."""
SOCKET_SECONDS = 10
"""How long a thread waits for one answer, whatever the request that wanted it has waited."""
MAX_MESSAGE_LENGTH = 200
MAX_TEXT_LENGTH = 255
MAX_TOKENS = 1_000
STATE_CODE_LENGTH = 3
SERVICES: Mapping[str, Mapping[str, str]] = {
    "fedex": {
        "fedex_ground": "ground",
        "fedex_ground_home_delivery": "ground",
        "fedex_2_day": "2day",
        "fedex_standard_overnight": "overnight",
        "fedex_international_priority": "international",
    },
    "ups": {
        "ups_ground": "ground",
        "ups_3_day_select": "3day",
        "ups_2nd_day_air": "2day",
        "ups_next_day_air": "next_day",
    },
}
"""The codes of our services by those of the library; it offers more, for which the gateway has none."""


STATUSES: Mapping[str, TrackingStatus] = {
    "picked_up": TrackingStatus.IN_TRANSIT,
    "in_transit": TrackingStatus.IN_TRANSIT,
    "ready_for_pickup": TrackingStatus.IN_TRANSIT,
    "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
    "on_hold": TrackingStatus.EXCEPTION,
    "delivery_delayed": TrackingStatus.EXCEPTION,
    "delivery_failed": TrackingStatus.EXCEPTION,
    "delivered": TrackingStatus.DELIVERED,
}
"""Our statuses by those of the library."""


@dataclass(frozen=True, slots=True)
class _Connection:
    """What the library needs to ask one carrier for one account."""

    mapper: Any
    proxy: Any


class KarrioCarriers:
    """Implements ``LiveCarriers``."""

    def __init__(self, urls: Mapping[str, str] | None = None, threads: int = THREADS) -> None:
        """``urls``: where carriers are asked, by their codes, if not at their own addresses."""
        self._urls = urls or {}
        self._pools = {each: ThreadPoolExecutor(threads, thread_name_prefix=f"carrier-{each}") for each in SERVICES}
        self._tokens: dict[bool, Any] = {}

    @property
    def is_installed(self) -> bool:
        """Whether the extra is installed."""
        return find_spec("karrio") is not None

    async def quotes(self, account: LiveAccount, request: RateRequest) -> LiveQuotes:
        """See ``LiveCarriers``."""
        found, messages = await self._run(account, partial(self._rates, account, request))
        return LiveQuotes(list(_quotes(SERVICES[account.carrier], found or ())), _texts(messages, account))

    async def track(self, account: LiveAccount, tracking_number: str) -> Sequence[CarrierEvent]:
        """See ``LiveCarriers``."""
        found, _ = await self._run(account, partial(self._track, account, tracking_number))
        return [event for each in found or () for event in _events(each.events or ())]

    def close(self) -> None:
        """Take no more work. Threads that wait end with their answers."""
        for each in self._pools.values():
            each.shutdown(wait=False, cancel_futures=True)

    async def _run(self, account: LiveAccount, work: Callable[[], Any]) -> Any:
        """What the work answers, in a thread. Raises Unavailable, without what the library says: it might name
        credentials."""
        try:
            return await asyncio.wrap_future(self._pools[account.carrier].submit(work))
        except Exception as error:
            log.warning("the carrier %s could not be asked: %s", account.carrier, type(error).__name__)
            messages = getattr(error, "messages", None)  # of the carrier, when it refuses the credentials
            usual = "The carrier could not be asked." if messages is None else "The carrier refuses the credentials."
            raise Unavailable(" ".join(_texts(messages or (), account)) or usual) from None

    def _rates(self, account: LiveAccount, request: RateRequest) -> Any:
        connection, models = self._connect(account), import_module("karrio.core.models")
        asked = models.RateRequest(
            shipper=models.Address(**_address(request.origin)),
            recipient=models.Address(**_address(request.destination)),
            parcels=[models.Parcel(**_parcel(each, request.origin.country)) for each in request.packages],
            options=_options(request),
        )
        answer = connection.proxy.get_rates(connection.mapper.create_rate_request(asked))
        return connection.mapper.parse_rate_response(answer)

    def _track(self, account: LiveAccount, tracking_number: str) -> Any:
        connection, models = self._connect(account), import_module("karrio.core.models")
        number = "".join(each for each in tracking_number if each.isalnum())  # people write them with blanks
        asked = models.TrackingRequest(tracking_numbers=[number])
        answer = connection.proxy.get_tracking(connection.mapper.create_tracking_request(asked))
        return connection.mapper.parse_tracking_response(answer)

    def _connect(self, account: LiveAccount) -> _Connection:
        _prepare()
        carrier = account.carrier
        kinds = [import_module(f"karrio.mappers.{carrier}.{name}") for name in ("settings", "mapper", "proxy")]
        settings = _settings_class(kinds[0].Settings, self._urls.get(carrier))(
            account_number=account.account_number, test_mode=account.is_test, **_credentials(account)
        )
        settings.tracer, settings.cache = _silent_tracer(), self._tokens_of(is_test=account.is_test)
        return _Connection(kinds[1].Mapper(settings), kinds[2].Proxy(settings))

    def _tokens_of(self, *, is_test: bool) -> Any:
        """The access tokens by credentials: those of test environments are others."""
        kept = self._tokens.get(is_test)
        if kept is None or len(kept.values) >= MAX_TOKENS:
            kept = self._tokens[is_test] = _token_cache()
        return kept


@cache
def _prepare() -> None:
    """Import the library, silence it, and let no request of it wait for ever: the time is not among its settings."""
    loguru: Any = import_module("loguru")
    library: Any = import_module("karrio.lib")
    loguru.logger.remove()
    loguru.logger.disable("karrio")
    logging.getLogger("jstruct").setLevel(logging.CRITICAL)  # it warns of members that it does not know, with values
    library.request = partial(library.request, timeout=SOCKET_SECONDS)


@cache
def _settings_class(base: Any, url: str | None) -> Any:
    """The settings of a carrier, at this address."""
    return type("Settings", (base,), {"server_url": property(lambda _: url)}) if url else base


def _silent_tracer() -> Any:
    """A tracer that remembers nothing: requests carry credentials."""
    tracing = import_module("karrio.core.utils.tracing")

    class Tracer(tracing.Tracer):  # type: ignore[misc,name-defined]
        def trace(self, data: Any, *_: Any, **__: Any) -> Any:
            return data

    return Tracer()


def _token_cache() -> Any:
    """A cache in memory; the library's own starts a thread for each value."""
    caching = import_module("karrio.core.utils.caching")

    class Tokens(caching.Cache):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.values: dict[str, Any] = {}

        def get(self, key: str) -> Any:
            return self.values.get(key)

        def set(self, key: str, value: Any, **_: Any) -> None:
            self.values[key] = value

    return Tokens()


def _credentials(account: LiveAccount) -> dict[str, str]:
    """FedEx asks for credentials of tracking besides; they may be the same."""
    id, secret = account.client_id, account.client_secret
    if account.carrier != "fedex":
        return {"client_id": id, "client_secret": secret}
    return {"api_key": id, "secret_key": secret, "track_api_key": id, "track_secret_key": secret}


def _address(address: QuoteAddress) -> dict[str, Any]:
    """States are told by their codes, or not at all: the postal code says enough."""
    state = address.state if address.state and len(address.state) <= STATE_CODE_LENGTH else None
    return {
        "country_code": address.country,
        "postal_code": address.zip,
        "city": address.city,
        "state_code": state,
        "residential": address.is_residential,
        "address_line1": address.city or address.country,  # for UPS there has to be one; no rate depends on it
    }


def _parcel(package: MeasuredPackage, origin: str) -> dict[str, Any]:
    """In the units that carriers use in the country: for those of another system FedEx would be told the numbers of the
    one and the units of the other."""
    mass, length = (WeightUnit.KILOGRAM, DimensionUnit.CENTIMETRE)
    if origin == "US":
        mass, length = (WeightUnit.POUND, DimensionUnit.INCH)
    sides = (round(float(side / CENTIMETRES[length]), 2) for side in package.sides)
    return {
        "weight": round(float(package.weight_in(mass)), 3),
        "weight_unit": mass.upper(),
        **dict(zip(("length", "width", "height"), sides, strict=True)),
        "dimension_unit": length.upper(),
    }


def _options(request: RateRequest) -> dict[str, Any]:
    currency = request.exchange.currency
    options: dict[str, Any] = {"shipment_date": request.shipped_on.isoformat(), "currency": currency}
    if request.insured:
        options["declared_value"] = float(Decimal(request.insured).scaleb(-EXPONENTS[currency]))
    if request.needs_signature:
        options["signature_confirmation"] = "DIRECT"
    return options


def _quotes(services: Mapping[str, str], rates: Sequence[Any]) -> Iterator[LiveQuote]:
    """What the carrier asks by services that the gateway knows, in currencies that it knows."""
    for each in rates:
        if each.service in services and each.currency in EXPONENTS and each.total_charge is not None:
            cost = Decimal(str(each.total_charge)).scaleb(EXPONENTS[each.currency]).to_integral_value(ROUND_HALF_UP)
            yield LiveQuote(
                service=services[each.service],
                currency=each.currency,
                cost=int(cost),
                business_days=each.transit_days,
            )


def _events(events: Sequence[Any]) -> Iterator[CarrierEvent]:
    """What the gateway has a status for: not that a label was made, or a parcel announced."""
    for each in events:
        status = STATUSES.get(each.status or "")
        if status is not None and each.timestamp:
            yield CarrierEvent(
                status=status,
                occurred_at=_instant(each.timestamp),
                description=each.description and str(each.description)[:MAX_TEXT_LENGTH],
                location=each.location and str(each.location)[:MAX_TEXT_LENGTH],
            )


def _instant(timestamp: str) -> datetime:
    """As if it were UTC: the library drops the zone, and some carriers tell none."""
    at = datetime.fromisoformat(timestamp)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _texts(messages: Sequence[Any], account: LiveAccount) -> list[str]:
    """What a carrier says, shortened, and never what it was called with."""
    texts = [str(each.message or each.code or "")[:MAX_MESSAGE_LENGTH] for each in messages]
    secrets = (account.client_id, account.client_secret)
    return [text for text in dict.fromkeys(texts) if text and not any(each in text for each in secrets)]
