"""A REST endpoint, declared once: routing, validation, OpenAPI and the contract tests are generated from it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from domain.kernel.documents import Document
from domain.kernel.event_log import EventLog
from domain.kernel.fields import Base64, FieldLocation, FieldSpec, Json, Text, specs
from domain.kernel.listing import Listing
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.calculations import Calculation
from domain.kernel.use_cases.registry import UseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from rest_compat.objects import Fetched, PathId, Response, Returned
from transport.sse import EVENT_STREAM

JSON = "application/json"
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


Freeze = Callable[[UnitOfWork, Mapping[str, str]], Awaitable[None]]
"""Locks what members without a version follow from, until the transaction ends. Raises NotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAction:
    """Returns one object, or a whole list of what it owns."""

    source: Fetched
    parameters: type[Any] | None = None
    """The dataclass of its query parameters; ``source`` gets them with the ids."""

    @property
    def scope(self) -> str | None:
        """The scope that is required of the caller."""
        return self.source.scope

    @property
    def response(self) -> Response:
        """What is returned."""
        return self.source.response


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerAction:
    """Returns what is known of the caller without a query. Any valid key is enough."""

    document: type[Document]
    row: Callable[[Principal], Any]
    """What the document is of."""
    scope: None = None

    @property
    def response(self) -> Response:
        """What is returned."""
        return self.document


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAction:
    """Answers a page of a list."""

    listing: Listing
    document: type[Document]
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

    @property
    def response(self) -> Response:
        """What each item of the page is."""
        return self.document


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event of a stream; without a document, only a position."""

    cursor: str
    name: str = ""
    document: Json | None = None


Follow = Callable[[EventLog, Principal, Mapping[str, Any]], AsyncGenerator[StreamEvent]]
"""The events for the parameters, preceded by the first position. Raises errors in the parameters before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAction:
    """Returns server-sent events until the client disconnects. The events depend on the scopes of the caller."""

    follow: Follow
    parameters: type[Any]
    """The dataclass whose fields are the parameters; ``after`` is what ``Last-Event-ID`` overrides."""
    document: type[Document]
    """What each event is."""
    scope: None = None

    @property
    def response(self) -> Response:
        """What each event is."""
        return self.document


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculationAction:
    """Returns what a calculation works out from the body. It changes nothing."""

    calculation: Calculation
    document: type[Document]

    @property
    def scope(self) -> str:
        """The scope that is required of the caller."""
        return self.calculation.scope

    @property
    def response(self) -> Response:
        """What is returned."""
        return self.document


class FileSource(Protocol):
    """A file that belongs to an object."""

    @property
    def scope(self) -> str:
        """The scope that is required of the caller."""

    async def fetch(self, db: Executor, principal: Principal, ids: Mapping[str, str]) -> Any:
        """What the file is made of. Raises NotFound."""

    def render(self, content: Any, media: str, dependency: Callable[[type[Any]], Any]) -> bytes:
        """The file as one of its media types. Runs in a thread. ``dependency``: what was provided for a class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAction:
    """Returns a file, as the media type that ``Accept`` prefers."""

    source: FileSource
    media_types: tuple[str, ...]
    """What it can be; the first is the default."""
    response: Response = bytes

    @property
    def scope(self) -> str:
        """The scope that is required of the caller."""
        return self.source.scope


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
    returns: Returned | None = None
    """What of the result; None: the response has no body."""
    current: Fetched | None = None
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
    def response(self) -> Response:
        """What is returned; None for a response without a body."""
        return None if self.returns is None else self.returns.response

    @property
    def reading(self) -> str:
        """The scope that a caller needs to see more of an object than the members they have written."""
        return f"{self.scope.partition(':')[0]}:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAction(WriteAction):
    """Runs a use case with a file: the body is its bytes, ``Content-Type`` its media type, the rest parameters."""

    @property
    def content(self) -> FieldSpec:
        """The field of the command that the body fills. Its rule is Base64."""
        return self._field_from(FieldLocation.CONTENT)

    @property
    def media_type(self) -> FieldSpec:
        """The field of the command that ``Content-Type`` fills. Its rule is a Text of words."""
        return self._field_from(FieldLocation.CONTENT_TYPE)

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types that are accepted."""
        rule = self.media_type.rule
        assert isinstance(rule, Text)  # noqa: S101 - as declared above
        return rule.words

    @property
    def max_bytes(self) -> int:
        """Bytes of the longest file."""
        rule = self.content.rule
        assert isinstance(rule, Base64)  # noqa: S101 - as declared above
        return rule.max

    def _field_from(self, place: FieldLocation) -> FieldSpec:
        return next(spec for spec in specs(self.use_case.command) if spec.rule.place is place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path below ``/v2``."""

    method: Method
    path: str
    name: str
    """The operation's id, unique in the OpenAPI document."""
    summary: str
    description: str = ""
    tag: str = ""
    """The group that it is in; see ``tagged``."""
    action: ItemAction | CallerAction | PageAction | StreamAction | CalculationAction | FileAction | WriteAction
    ids: Mapping[str, PathId] = field(default_factory=dict)
    """The ids in its path; of a GET, those of its object unless they are given."""
    creates_resource: bool = True
    """Whether a POST leaves something behind that ``Location`` can name."""

    @property
    def response(self) -> Response:
        """The document (in a stream: of each event), ``list[…]`` of one for ``{"data": […]}``, None for a response
        without a body.
        """
        return self.action.response

    @property
    def creates(self) -> bool:
        """Whether the response has the ``Location`` of the created object."""
        return self.status == 201 and self.creates_resource and self.calculation is None

    @property
    def status(self) -> int:
        """The status of success."""
        if self.response is None:
            return 204
        return 201 if self.method == "POST" else 200

    @property
    def calculation(self) -> CalculationAction | None:
        """Its action, if it works something out."""
        return self.action if isinstance(self.action, CalculationAction) else None

    @property
    def file(self) -> FileAction | None:
        """Its action, if it returns a file."""
        return self.action if isinstance(self.action, FileAction) else None

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
    def media_types(self) -> tuple[str, ...]:
        """The media types of the response; the first is the default."""
        if self.file is not None:
            return self.file.media_types
        return (EVENT_STREAM if isinstance(self.action, StreamAction) else JSON,)

    @property
    def is_selective(self) -> bool:
        """Whether the caller may ask for what their scopes do not show them, and is refused then."""
        return isinstance(self.action, StreamAction) or (
            isinstance(self.action, PageAction) and self.action.admit is not None
        )

    @property
    def upload(self) -> UploadAction | None:
        """Its action, if its body is a file."""
        return self.action if isinstance(self.action, UploadAction) else None

    @property
    def body(self) -> type[Any] | None:
        """The command of the body, if that is JSON."""
        if self.calculation is not None:
            return self.calculation.calculation.command
        if self.upload is None and isinstance(self.action, WriteAction) and self.method in ("POST", "PUT", "PATCH"):
            return self.action.use_case.command
        return None


def tagged(tag: str, *endpoints: Endpoint) -> tuple[Endpoint, ...]:
    """Endpoints of one group."""
    return tuple(replace(each, tag=tag) for each in endpoints)
