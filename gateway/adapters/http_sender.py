"""Webhooks over HTTP, to public addresses only.

A name is resolved here, every address of it is checked, and only checked addresses are connected to, so a name that
changes its addresses between check and connection has no effect. TLS and ``Host`` keep the original name. The last
check is where sockets are created: none is created for an unchecked address.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from domain.kernel.clock import Clock, system_clock
from domain.webhooks.address_policy import AddressPolicy, NotPublicError, host_of, read_address
from domain.webhooks.ports import ATTEMPT_TIMEOUT, MAX_RESPONSE_BYTES, DeliveryResponse

IDLE = 2.0
"""Seconds that a connection is kept for the next delivery: less than servers keep theirs, otherwise they would close it
during a request.
"""
RESOLVERS = 64
"""Threads that resolve names. A name server that does not respond blocks one for longer than an attempt may take, so
they are used for nothing else.
"""
MAX_PIECE_BYTES = 2**20
"""Bytes of a body that are written in one piece; more are written a piece at a time, others have their turn between."""
HEAD_MAX = 16_384
"""Bytes of a header field of a response."""
WAITING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""The statuses with which a receiver may send ``Retry-After`` (RFC 9110, 10.2.3)."""

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a name. Raises OSError."""


class AiohttpSender:
    """A Sender. ``close`` it at the end."""

    def __init__(
        self,
        guard: AddressPolicy,
        resolve: Resolve | None = None,
        *,
        deadline: float = ATTEMPT_TIMEOUT,
        clock: Clock = system_clock,
    ) -> None:
        """``resolve``: the resolver of the system by default; ``deadline``: seconds for a whole attempt."""
        self._guard = guard
        self._resolve = resolve or self._by_system
        self._threads = ThreadPoolExecutor(RESOLVERS, "webhook-names")
        self._deadline = deadline
        self._clock = clock
        self._session: ClientSession | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryResponse:
        """Send a body. Errors of the receiver are in the response."""
        status: int | None = None
        try:
            self._guard.check_url(url)
            target = URL(url)
            if (target.host or "").removesuffix(".") != host_of(url):
                raise NotPublicError("The URL is ambiguous: different clients read different hosts from it.")
            async with asyncio.timeout(self._deadline):
                data = body if len(body) <= MAX_PIECE_BYTES else BytesIO(body)
                async with self._opened().post(target, data=data, headers=headers, allow_redirects=False) as response:
                    status = response.status
                    return DeliveryResponse(
                        status, await _beginning(response), _refusal(status), self._retry_after(response)
                    )
        except TimeoutError:
            return DeliveryResponse(status, error=f"Took longer than {self._deadline:g} seconds.")
        except NotPublicError as refused:
            return DeliveryResponse(None, error=str(refused), refused=True)
        except (ClientError, OSError, ValueError) as failure:
            inside = _inside(failure)
            error = inside or f"{type(failure).__name__}: {failure}"[:500]
            return DeliveryResponse(status, error=error, refused=inside is not None)

    async def close(self) -> None:
        """End every connection."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._session is not None:
            await self._session.close()

    async def _by_system(self, host: str, port: int) -> list[str]:
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def _opened(self) -> ClientSession:
        """Made at the first use, which is when there is an event loop."""
        if self._session is None:
            connector = TCPConnector(
                limit=0,
                use_dns_cache=False,
                keepalive_timeout=IDLE,
                resolver=_PolicyResolver(self._guard, self._resolve),
                socket_factory=self._socket,
            )
            self._session = ClientSession(
                connector=connector,
                timeout=ClientTimeout(total=None),
                headers={"Accept-Encoding": "identity"},
                auto_decompress=False,
                cookie_jar=DummyCookieJar(),
                trust_env=False,
                max_line_size=HEAD_MAX,
                max_field_size=HEAD_MAX,
            )
        return self._session

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        family, type_, protocol, _, where = address
        _judge(self._guard, where[0])
        made = socket.socket(family, type_, protocol)
        made.setblocking(False)
        return made

    def _retry_after(self, response: ClientResponse) -> float | None:
        """Seconds, from either form of the header."""
        asked = response.headers.get("Retry-After", "").strip()
        if response.status not in WAITING or not asked:
            return None
        if asked.isascii() and asked.isdigit():
            return float(asked[:9])
        try:
            return (parsedate_to_datetime(asked) - self._clock()).total_seconds()
        except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
            return None


class _InsideError(OSError):
    """As an OSError it passes through the client unharmed."""


class _PolicyResolver(AbstractResolver):
    def __init__(self, guard: AddressPolicy, resolve: Resolve) -> None:
        self._guard = guard
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """All addresses of the name. Raises OSError, also when one of them is inside."""
        found = await self._resolve(host, port)
        for address in found:
            _judge(self._guard, address)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is stored."""


def _judge(guard: AddressPolicy, address: str) -> None:
    try:
        guard.check(read_address(address))
    except NotPublicError as refused:
        raise _InsideError(str(refused)) from None


def _inside(failure: BaseException | None) -> str | None:
    """The error of the address policy, however deep the client has wrapped it."""
    while failure is not None:
        if isinstance(failure, _InsideError):
            return str(failure)
        failure = failure.__cause__ or failure.__context__
    return None


def _refusal(status: int) -> str | None:
    return "Redirects are not followed." if 300 <= status < 400 else None


async def _beginning(response: ClientResponse) -> str:
    """The first bytes as text that a database can store. The rest is not read, and the connection is closed."""
    content = b""
    while len(content) < MAX_RESPONSE_BYTES and (
        chunk := await response.content.read(MAX_RESPONSE_BYTES - len(content))
    ):
        content += chunk
    if not response.content.at_eof():
        response.close()
    return content.decode(errors="replace").replace("\x00", "\ufffd")
