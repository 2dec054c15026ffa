"""CarrierConnections to carriers: the library's parts for one account, tamed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from threading import Lock
from typing import Any

from domain.shipping.ports import LiveAccount

SOCKET_SECONDS = 10
"""How long a thread waits for one answer, whatever the request that wanted it has waited."""
MAX_TOKENS = 1_000
SERVER_ERROR = 500
_PREPARING = Lock()


class CarrierFaultError(OSError):
    """The carrier has answered with a fault of its own: whether it has done what was asked is not known."""


@dataclass(frozen=True, slots=True)
class CarrierConnection:
    """What the library needs to ask one carrier for one account."""

    mapper: Any
    proxy: Any
    models: Any


class CarrierConnections:
    """Makes connections; they share the access tokens."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        """``urls``: where carriers are asked, by their codes, if not at their own addresses."""
        self._urls = urls
        self._tokens: dict[bool, Any] = {}

    def connect(self, account: LiveAccount) -> CarrierConnection:
        """The connection of an account. It is not asked for anything yet."""
        _prepare()
        carrier = account.carrier
        kinds = [import_module(f"karrio.mappers.{carrier}.{name}") for name in ("settings", "mapper", "proxy")]
        settings = _settings_class(kinds[0].Settings, self._urls.get(carrier))(
            account_number=account.account_number, test_mode=account.is_test, **_credentials(account)
        )
        settings.tracer, settings.cache = _silent_tracer(), self._tokens_of(is_test=account.is_test)
        return CarrierConnection(
            kinds[1].Mapper(settings), kinds[2].Proxy(settings), import_module("karrio.core.models")
        )

    def _tokens_of(self, *, is_test: bool) -> Any:
        """The access tokens by credentials: those of test environments are others."""
        kept = self._tokens.get(is_test)
        if kept is None or len(kept.values) >= MAX_TOKENS:
            kept = self._tokens[is_test] = _token_cache()
        return kept


def _prepare() -> None:
    """Prepare the library once, though the threads of several carriers may want it first at the same time."""
    with _PREPARING:
        _prepare_once()


@cache
def _prepare_once() -> None:
    """Import the library, silence it, and let no request of it wait for ever: the time is not among its settings."""
    loguru: Any = import_module("loguru")
    library: Any = import_module("karrio.lib")
    loguru.logger.remove()
    loguru.logger.disable("karrio")
    logging.getLogger("jstruct").setLevel(logging.CRITICAL)  # it warns of members that it does not know, with values
    library.request = partial(_request, library.request)


def _request(send: Callable[..., Any], /, *, on_error: Callable[[Any], Any] | None = None, **request: Any) -> Any:
    """Send a request of the library. Raises CarrierFaultError for an answer of the 5xx."""

    def refused(answer: Any) -> Any:
        if answer.code >= SERVER_ERROR:
            answer.close()
            raise CarrierFaultError(f"status {answer.code}")
        return answer.read().decode() if on_error is None else on_error(answer)

    return send(on_error=refused, timeout=SOCKET_SECONDS, **request)


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
