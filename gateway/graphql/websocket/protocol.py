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
    """The client has sent its credentials, which are being checked."""
    READY = auto()


class ProtocolState:
    """Follows the messages of one client and detects violations of the protocol."""

    __slots__ = ("ids", "state")

    def __init__(self) -> None:
        self.state = State.OPENED
        self.ids: set[str] = set()
        """The ids of running operations."""

    def hear(self, message: Message) -> None:
        """Process a message of the client. Raises ClosingError if it is not allowed now."""
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
                self.ids.discard(message.id)  # an unknown id may have just completed: not an error

    def acknowledge(self) -> None:
        """The client is let in."""
        self.state = State.READY

    def finish(self, id: str) -> None:
        """An operation is over; its id may be used again."""
        self.ids.discard(id)
