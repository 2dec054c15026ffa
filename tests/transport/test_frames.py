"""Frames that we write ourselves are those that RFC 6455 asks for: another implementation reads them."""

from __future__ import annotations

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from transport.protocols import text_frame

SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 200_000)


@pytest.mark.parametrize("size", SIZES)
def test_a_text_of_any_size_is_one_whole_frame(size: int) -> None:
    reader = ClientProtocol(parse_uri("ws://127.0.0.1/"), state=State.OPEN)
    text = "\u00e9" * (size // 2) + "x" * (size % 2)
    reader.receive_data(text_frame(text.encode()) + text_frame(b"next"))
    first, second = reader.events_received()
    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    assert (first.opcode, first.fin, bytes(first.data).decode()) == (Opcode.TEXT, True, text)
    assert bytes(second.data) == b"next"
    assert reader.parser_exc is None
