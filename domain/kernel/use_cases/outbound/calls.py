"""Calls to the outside: what is asked, what comes of it, and the port that adapters implement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from domain.kernel.principal import Store

Q = TypeVar("Q")
R = TypeVar("R")
Q_contra = TypeVar("Q_contra", contravariant=True)

UNSTORED: Mapping[str, Any] = {"stored": False}
"""Metadata of a field of a request that must not be written to the database: ``field(metadata=UNSTORED)``."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The outside did what was asked."""

    data: Mapping[str, Any] = field(default_factory=dict)
    """What the second half needs of the answer, in JSON's own types. It is stored with the attempt."""
    content: bytes = field(default=b"", repr=False)
    """What it needs besides and must not be stored with the attempt: a file, personal data."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The outside refused, and changed nothing."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Denied(Failed):
    """The outside did not accept the caller: it did nothing this time.

    Of an earlier send of the same call it says nothing, so that of a repeated one the outcome stays unknown.
    """


@dataclass(frozen=True, slots=True)
class Unknown:
    """The outside may have done it: the call timed out, the connection broke, or the outside is still at it."""


Outcome = Succeeded | Failed | Unknown
Settled = Succeeded | Failed


@dataclass(frozen=True, slots=True)
class Call(Generic[Q]):
    """What the first half of a use case answers: the call to make once its transaction is committed."""

    attempt_id: str
    """A new id of the area's own (of its row for this attempt, say): the idempotency key at the outside."""
    request: Q
    """A frozen dataclass whose fields have JSON's own types. Fields that are ``UNSTORED`` make it unrepeatable."""


@dataclass(frozen=True, slots=True)
class NoCall(Generic[R]):
    """What the first half answers when nothing has to be called: its transaction is then the only one."""

    result: R


class OutboundPort(Protocol[Q_contra]):
    """The outside, for requests of one class.

    An adapter is provided for that class: ``database.provide(adapter, kind=Capture)``.
    """

    async def send(self, request: Q_contra, key: str, store: Store) -> Outcome:
        """Make the call for a store. The outside does it once for each ``key``, however often it is sent.

        OSError and TimeoutError count as an unknown outcome.
        """

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """What came of the call with this key; None where the outside has never received it."""
