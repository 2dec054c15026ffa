"""What an endpoint does: reads, exports, lists, streams, calculations, files and writes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.analytics.tables.report_tables import ToTable
from domain.kernel.documents import Document
from domain.kernel.event_log import EventLog
from domain.kernel.fields import Json
from domain.kernel.listing import Listing
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.calculations import Calculation
from domain.kernel.use_cases.exports import Export
from domain.kernel.use_cases.registry import UseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from rest_compat.file_sources import FileSource, ReportSource
from rest_compat.objects import ObjectSource, Response, WriteResult

Freeze = Callable[[UnitOfWork, Mapping[str, str]], Awaitable[None]]
"""Locks what members without a version follow from, until the transaction ends. Raises NotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAction:
    """Returns one object, or a whole list of what it owns."""

    source: ObjectSource
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
class ExportAction:
    """Returns an export of one object, and leaves an entry in the audit log."""

    export: Export
    document: type[Document]
    noun: str
    """What is exported, in errors."""
    version: Callable[[Mapping[str, Any]], int]
    """The version of the exported object in the document, for the ETag."""

    @property
    def scope(self) -> str:
        """The scope that is required of the caller."""
        return self.export.scope

    @property
    def response(self) -> Response:
        """What is returned."""
        return self.document


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
    check_filters: Callable[[Principal, Mapping[str, Any]], Mapping[str, Any]] | None = None
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
    """Returns what a calculation works out from the body of a POST, or the parameters of a GET. It changes nothing."""

    calculation: Calculation
    document: type[Document]
    table: ToTable | None = None
    """The table of the result, if it is also served as CSV and as a chart."""
    asks: bool = False
    """Whether a body stands for the parameters of a GET: what is wrong with it is 400."""

    @property
    def scope(self) -> str:
        """The scope that is required of the caller."""
        return self.calculation.scope

    @property
    def response(self) -> Response:
        """What is returned."""
        return self.document


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
    returns: WriteResult | None = None
    """What of the result; None: the response has no body."""
    current: ObjectSource | None = None
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
    is_background: bool = False
    """Whether the work itself is done later, by a job."""

    @property
    def scope(self) -> str | None:
        """The scope that is required of the caller; None if it depends on the object."""
        return self.use_case.scope

    @property
    def response(self) -> Response:
        """What is returned; None for a response without a body."""
        return None if self.returns is None else self.returns.response

    @property
    def reading(self) -> str | None:
        """The scope that a caller needs to see more of an object than the members they have written; None if whoever
        may change the object may see it.
        """
        return None if self.scope is None else f"{self.scope.partition(':')[0]}:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAction:
    """Returns a report, as CSV or JSON Lines, read in parts while it is sent."""

    source: ReportSource
    columns: tuple[str, ...]
    media_types: tuple[str, ...] = ("text/csv", "application/x-ndjson")
    """What it can be; the first is the default."""
    response: Response = bytes
    scope: None = None
