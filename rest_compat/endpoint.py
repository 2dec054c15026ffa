"""A REST endpoint, declared once: routing, validation, OpenAPI and the contract tests are generated from it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.kernel.event_log import EventLog
from domain.kernel.listing import Listing
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.registry import UseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from rest_compat.etags import NO_VERSION
from transport.sse import EVENT_STREAM

ROOT = "/v2"
JSON = "application/json"
Document = Mapping[str, Any]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Representation:
    """An object, ready for the response."""

    document: Document
    version: int = NO_VERSION
    """The version of its aggregate, for the ETag."""
    location: str | None = None
    """Its URL, if it was just created."""
    secret: bool = False
    """Whether the document must not be cached (it contains a secret)."""


Fetch = Callable[[Executor, Principal, Mapping[str, str]], Awaitable[Representation]]
"""Finds the object of the path. Raises NotFound."""
SerializeRows = Callable[[Executor, Principal, Sequence[Row]], Awaitable[Sequence[Document]]]
"""The documents of the rows of a page, with one statement a relation."""
Represent = Callable[[Executor, Principal, Any], Awaitable[Representation]]
"""The result of a use case, as it is returned; read on the same connection after the flush."""

Freeze = Callable[[UnitOfWork, Mapping[str, str]], Awaitable[None]]
"""Locks what members without a version follow from, until the transaction ends. Raises NotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAction:
    """Returns one object."""

    reads: tuple[Read, ...]
    """The reads it runs. The scope of the first is required of the caller."""
    fetch: Fetch
    besides: tuple[Read, ...] = ()
    """Reads of other scopes that it also runs, for callers who have those."""
    parameters: type[Any] | None = None
    """The dataclass of its query parameters; ``fetch`` gets them with the ids."""

    @property
    def scope(self) -> str | None:
        """The scope that is required of the caller."""
        return self.reads[0].scope


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerAction:
    """Returns what is known of the caller without a query. Any valid key is enough."""

    tell: Callable[[Principal], Document]
    scope: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAction:
    """Answers a page of a list."""

    listing: Listing
    describe: SerializeRows
    filters: type[Any] | None = None
    """The dataclass whose fields are the list's filters."""
    search: str | None = None
    """The fields that a search looks at; None: the list cannot be searched."""
    admit: Callable[[Principal, Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Narrows the filters to what the caller may see. Raises Forbidden."""
    within: Callable[[Executor, Principal, Mapping[str, str]], Awaitable[Mapping[str, Any]]] | None = None
    """The filters that the path sets: a list of something's own. Raises NotFound."""
    set_by_path: tuple[str, ...] = ()
    """Those of ``filters`` among them: they are no parameters."""

    @property
    def scope(self) -> str | None:
        """The scope that is required of the caller."""
        return self.listing.scope


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event of a stream; without a document, only a position."""

    cursor: str
    name: str = ""
    document: Document | None = None


Follow = Callable[[EventLog, Principal, Mapping[str, Any]], AsyncGenerator[StreamEvent]]
"""The events for the parameters, preceded by the first position. Raises errors in the parameters before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAction:
    """Returns server-sent events until the client disconnects. The events depend on the scopes of the caller."""

    follow: Follow
    parameters: type[Any]
    """The dataclass whose fields are the parameters; ``after`` is what ``Last-Event-ID`` overrides."""
    scope: None = None


@dataclass(frozen=True, slots=True)
class CountHeader:
    """A header of a response without a body that contains a count."""

    name: str
    description: str
    count: Callable[[Any], int]
    """Of what the use case returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteAction:
    """Runs a use case."""

    use_case: UseCase
    represent: Represent | None = None
    """None: the response has no body."""
    current: Fetch | None = None
    """Finds the document that the version and the read-only members of the request refer to."""
    echoes: frozenset[str] = frozenset()
    """Members that mean more when read than when written; sent back as they were read, they are left out."""
    freeze: Freeze | None = None
    """Locks rows before members without a version are compared, if the use case can set them."""
    managed_elsewhere: frozenset[str] = frozenset()
    """Members that other routes write, refused here even as they were read."""
    counts: tuple[CountHeader, ...] = ()
    """Headers with counts, if the response has no body."""

    writes: frozenset[str] | None = None
    """For a POST that changes an object: the members that it writes besides those of its body, or parts of them
    (``movement.reason``). None: it creates an object, and shows all of it to a caller who may create it.
    """
    described: bool = True
    """Whether the members of the body are members of the response with the same names."""
    derived: frozenset[str] = frozenset()
    """Paths in the body that set a member relative to its earlier value: ``discount.percent``."""

    @property
    def scope(self) -> str:
        """The scope that is required of the caller."""
        return self.use_case.scope

    @property
    def reading(self) -> str:
        """The scope that a caller needs to see more of an object than the members they have written."""
        return f"{self.scope.partition(':')[0]}:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathId:
    """An id in the path."""

    noun: str
    prefix: str
    field: str = "id"
    """The field of the command that it fills."""
    otherwise: str | None = None
    """Another key that finds the object: ``SKU``, ``slug``."""
    longest: int = 64
    """Characters of the longest of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path below ``/v2``."""

    method: Method
    path: str
    name: str
    """The operation's id, unique in the OpenAPI document."""
    summary: str
    description: str = ""
    tag: str
    action: ItemAction | CallerAction | PageAction | StreamAction | WriteAction
    response: Any = None
    """The TypedDict of the document (in a stream: of each event), ``list[…]`` of one for ``{"data": […]}``, None for a
    response without a body.
    """
    ids: Mapping[str, PathId] = field(default_factory=dict)
    creates_resource: bool = True
    """Whether a POST leaves something behind that ``Location`` can name."""

    @property
    def creates(self) -> bool:
        """Whether the response has the ``Location`` of the created object."""
        return self.status == 201 and self.creates_resource

    @property
    def status(self) -> int:
        """The status of success."""
        if self.response is None:
            return 204
        return 201 if self.method == "POST" else 200

    @property
    def changes(self) -> bool:
        """Whether it changes what was there: of that, who may not read it is shown what they have written."""
        return isinstance(self.action, WriteAction) and (
            self.method in ("PUT", "PATCH") or self.action.writes is not None
        )

    @property
    def scope(self) -> str | None:
        """The required scope; None if any valid key is enough."""
        return self.action.scope

    @property
    def media(self) -> str:
        """The media type of the response."""
        return EVENT_STREAM if isinstance(self.action, StreamAction) else JSON

    @property
    def is_selective(self) -> bool:
        """Whether the caller may ask for what their scopes do not show them, and is refused then."""
        return isinstance(self.action, StreamAction) or (
            isinstance(self.action, PageAction) and self.action.admit is not None
        )

    @property
    def body(self) -> type[Any] | None:
        """The command of the body."""
        if isinstance(self.action, WriteAction) and self.method in ("POST", "PUT", "PATCH"):
            return self.action.use_case.command
        return None
