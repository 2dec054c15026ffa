"""The messages of ``graphql-transport-ws``: parsing those of a client, writing those of a server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson

from domain.kernel.errors import MalformedRequest, ValidationFailed
from gateway.graphql.requests import GraphQLRequest, parse_request
from resolvers.wire_format import client_message
from transport.body import parse_object

SUBPROTOCOL = "graphql-transport-ws"
MAX_MESSAGE_BYTES = 1_048_576
"""Bytes of one message; the server closes with 1009 beyond it."""
MAX_OPERATION_ID_LENGTH = 200
"""Characters of an operation's id: it is kept, and repeated with every event."""
MAX_CLOSE_REASON_BYTES = 123
"""Bytes that a close frame has for its reason (RFC 6455, 5.5)."""


class CloseCode(IntEnum):
    """Why a socket is closed: 1xxx by RFC 6455 and its registry, 44xx by the protocol, 4500 as graphql-ws does."""

    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_MANY_INITIALISATIONS = 4429
    INTERNAL_ERROR = 4500


class ClosingError(Exception):
    """The socket has to be closed, with this code and reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        # A reason that is too long would be no frame at all; one cut within a character would be no text.
        self.reason = reason.encode(errors="replace")[:MAX_CLOSE_REASON_BYTES].decode(errors="ignore")
        super().__init__(self.reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """Asks to be let in."""

    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a pong."""

    payload: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """The response to a ping, or an unsolicited heartbeat."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Starts an operation of any kind."""

    id: str
    asked: GraphQLRequest
    size: int
    """Characters of the message."""


@dataclass(frozen=True, slots=True)
class Complete:
    """The client has no more interest in an operation."""

    id: str


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def read(text: str | None) -> Message:
    """The message of a client; None stands for a binary frame.

    Raises ClosingError (4400) for a message "of a type or format which is not specified".
    """
    if text is None:
        raise _bad("Messages must be text frames.")
    try:
        members = parse_object(text.encode())
        return _message(members, len(text))
    except ValidationFailed:
        raise _bad("A message must be a JSON object.") from None
    except MalformedRequest as malformed:
        raise _bad(client_message(malformed.message).replace("The body", "The message")) from None


def _message(members: Mapping[str, Any], size: int) -> Message:
    match members.get("type"):
        case "connection_init":
            return ConnectionInit(_object(members, "payload") or {})
        case "ping":
            return Ping(_object(members, "payload"))
        case "pong":
            _object(members, "payload")
            return Pong()
        case "subscribe":
            payload = _object(members, "payload")
            if payload is None:
                raise _bad("payload: Required in a subscribe message.")
            return Subscribe(_id(members), parse_request(payload), size)
        case "complete":
            return Complete(_id(members))
        case str() as unknown:
            raise _bad(f"type: Unknown message type {unknown[:40]!r}.")
    raise _bad("type: Must be a string.")


def _object(members: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = members.get(name)
    if value is not None and not isinstance(value, dict):
        raise _bad(f"{name}: Must be a JSON object.")
    return value


def _id(members: Mapping[str, Any]) -> str:
    value = members.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_OPERATION_ID_LENGTH:
        raise _bad(f"id: Must be a string of 1 to {MAX_OPERATION_ID_LENGTH} characters.")
    return value


def _bad(reason: str) -> ClosingError:
    return ClosingError(CloseCode.BAD_REQUEST, reason)


ACK = '{"type":"connection_ack"}'
_PONG = '{"type":"pong"}'


def pong(ping: Ping) -> str:
    """The response to a ping, with its payload; a payload that cannot be written (an integer of 100 digits) is left
    out.
    """
    if not ping.payload:
        return _PONG
    try:
        return orjson.dumps({"type": "pong", "payload": ping.payload}, default=float).decode()
    except TypeError:
        return _PONG


class Writer:
    """Writes the messages of one operation; its id is encoded once."""

    __slots__ = ("_head",)

    def __init__(self, id: str) -> None:
        self._head = f'{{"id":{json.dumps(id)},"type":"'

    def next(self, body: bytes) -> str:
        """One response: ``body`` is the JSON of an execution result."""
        return f'{self._head}next","payload":{body.decode()}}}'

    def error(self, errors: Sequence[Mapping[str, Any]]) -> str:
        """The operation is refused or has failed; no ``complete`` follows."""
        return f'{self._head}error","payload":{orjson.dumps(errors).decode()}}}'

    def complete(self) -> str:
        """Nothing follows."""
        return f'{self._head}complete"}}'
