"""What may be said when: the rules of ``graphql-transport-ws``, without a socket.

    opened ── connection_init ──> initialising ── acknowledge() ──> ready
                                                                      subscribe, complete

Pings and pongs are welcome at any time.
"""

from __future__ import annotations

from enum import Enum, auto

from gateway.graphql.websocket.messages import (
    CloseCode,
    ClosingError,
    Complete,
    ConnectionInit,
    Message,
    Subscribe,
)


class State(Enum):
    """How far a client has come."""

    OPENED = auto()
    INITIALISING = auto()
    """It has said who it is, and that is being looked up."""
    READY = auto()


class ProtocolState:
    """Follows one client, and says so when it breaks a rule."""

    __slots__ = ("ids", "state")

    def __init__(self) -> None:
        self.state = State.OPENED
        self.ids: set[str] = set()
        """Operations that are under way."""

    def hear(self, message: Message) -> None:
        """Take note of what the client says. Raises ClosingError when it must not say that now."""
        match message:
            case ConnectionInit():
                if self.state is not State.OPENED:
                    raise ClosingError(CloseCode.TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
                self.state = State.INITIALISING
            case Subscribe():
                if self.state is not State.READY:
                    raise ClosingError(CloseCode.UNAUTHORIZED, "Unauthorized: wait for connection_ack")
                if message.id in self.ids:
                    raise ClosingError(CloseCode.SUBSCRIBER_EXISTS, f"Subscriber for {message.id} already exists")
                self.ids.add(message.id)
            case Complete():
                self.ids.discard(message.id)  # one that is unknown may be on its way: no mistake

    def acknowledge(self) -> None:
        """The client is let in."""
        self.state = State.READY

    def finish(self, id: str) -> None:
        """An operation is over; its id may be used again."""
        self.ids.discard(id)
