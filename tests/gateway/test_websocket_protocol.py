"""The rules of the WebSocket protocol, without a socket."""

from __future__ import annotations

import pytest

from gateway.graphql.requests import GraphQLRequest
from gateway.graphql.websocket.messages import (
    CloseCode,
    ClosingError,
    Complete,
    ConnectionInit,
    Message,
    Ping,
    Pong,
    Subscribe,
    Writer,
    read,
)
from gateway.graphql.websocket.protocol import ProtocolState

INIT, PING, DONE = ConnectionInit({}), Ping(None), Complete("a")
SUBSCRIBE = Subscribe("a", GraphQLRequest("{ __typename }", None, {}, {}), 100)


def said(*messages: Message, let_in: bool = True) -> ProtocolState:
    """A conversation in which the client has said this; it is let in as soon as it asks."""
    conversation = ProtocolState()
    for message in messages:
        conversation.hear(message)
        if let_in and isinstance(message, ConnectionInit):
            conversation.acknowledge()
    return conversation


def code(*messages: Message, let_in: bool = True) -> CloseCode:
    with pytest.raises(ClosingError) as closing:
        said(*messages, let_in=let_in)
    return closing.value.code


def test_a_client_is_let_in_once_and_before_all_else() -> None:
    assert code(SUBSCRIBE) is CloseCode.UNAUTHORIZED
    assert code(INIT, SUBSCRIBE, let_in=False) is CloseCode.UNAUTHORIZED
    assert code(INIT, INIT) is CloseCode.TOO_MANY_INITIALISATIONS
    assert code(INIT, INIT, let_in=False) is CloseCode.TOO_MANY_INITIALISATIONS
    said(PING, Pong(), DONE, INIT, PING, Pong(), DONE)


def test_an_id_is_used_by_one_operation_at_a_time() -> None:
    assert code(INIT, SUBSCRIBE, SUBSCRIBE) is CloseCode.SUBSCRIBER_EXISTS
    said(INIT, SUBSCRIBE, DONE, SUBSCRIBE)
    conversation = said(INIT, SUBSCRIBE)
    conversation.finish("a")
    conversation.hear(SUBSCRIBE)


def test_ids_come_back_as_they_were_given() -> None:
    for id in ("a", 'q"uote', "ü", "\u2028", "\ud800"):
        text = Writer(id).complete()
        read_back = read(text)
        assert isinstance(read_back, Complete)
        assert read_back.id == id


def test_a_reason_fits_its_frame_and_ends_between_characters() -> None:
    reason = ClosingError(CloseCode.BAD_REQUEST, "ü" * 100).reason
    assert reason == "ü" * 61
    assert ClosingError(CloseCode.BAD_REQUEST, "\ud800").reason == "?"
