"""Where a field's value comes from. A type describes a row; its fields say how the row leads to what they show.

Each kind of source is a class of its own, so that whoever plans an operation can tell them apart.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from strawberry.types.arguments import StrawberryArgument

from domain.kernel.checks import Refused, clean_text
from domain.kernel.errors import MalformedRequest, ValidationFailed
from domain.kernel.fields import UNSET, read_command, specs
from domain.kernel.listing import SEARCH_MAX, Listing, Query
from domain.kernel.nested import Nested
from domain.kernel.paging import connection_window
from domain.kernel.principal import Principal
from domain.kernel.reads import Read
from domain.kernel.snapshots import SnapshotRow
from domain.kernel.use_cases import UseCase
from resolvers.context import Context
from resolvers.loaders import Batch
from resolvers.outcome import Outcome
from resolvers.pages import Answered, Total
from schema.enums import SortDirection
from schema.speech import SPEECH

Args = Mapping[str, Any]
"""A field's arguments by their Python names; those left out are not in it."""


Admit = Callable[[Principal, Mapping[str, Any]], Mapping[str, Any]]
"""Narrows the filters of a list to what the caller may see. Raises Forbidden."""


class Wanted(NamedTuple):
    """What must be read for one row; ``made`` turns what ``batch`` finds for ``key`` into the field's value."""

    batch: Batch
    key: str
    made: Callable[[Any], Any] | None = None

    def load(self, context: Context) -> Awaitable[Any]:
        """The value. The loader's own future where it can be: a coroutine around it would cost more than the load."""
        found = context.load(self.batch, self.key)
        return found if self.made is None else self._finished(found, self.made)

    async def _finished(self, found: Awaitable[Any], made: Callable[[Any], Any]) -> Any:
        return made(await found)


Asking = Callable[[Any], Any]
"""Answers for a row what is Wanted for it, or the value when nothing need be read."""


class Source(Protocol):
    """What every source can do."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        """What the field takes."""

    def resolve(self, row: Any, context: Context, args: Args) -> Any:
        """The field's value, or an awaitable of it."""


class Batched:
    """A source whose values for many rows are read together."""

    def asking(self, context: Context, args: Args) -> Asking:
        """How a row is asked for. Raises what the arguments have wrong."""
        raise NotImplementedError

    def resolve(self, row: Any, context: Context, args: Args) -> Any:
        """The value for one row, read together with what its siblings want."""
        wanted = self.asking(context, args)(row)
        return wanted.load(context) if type(wanted) is Wanted else wanted


@dataclass(frozen=True)
class Related(Batched):
    """What a read finds for the row's ``key``: a row, or a list of rows.

    ``instead``: another read and its key, for rows in which that key is not null. ``otherwise``: the row where the
    read finds none.
    """

    read: Read
    key: str
    arguments: list[StrawberryArgument] = field(default_factory=list)
    instead: tuple[Read, str] | None = None
    otherwise: Any = None

    def asking(self, context: Context, args: Args) -> Asking:
        """By the row's key."""
        return self.wanted

    def wanted(self, row: Any) -> Any:
        """A row of a snapshot is asked first for what it owned then."""
        if type(row) is SnapshotRow:
            for owned in ((self.read, self.key), self.read):
                if owned in row.owned:
                    return row.owned[owned]
        if self.instead is not None:
            other, column = self.instead
            if (value := getattr(row, column)) is not None:
                return Wanted(other, value)
        key = getattr(row, self.key)
        if key is None:
            return None
        return Wanted(self.read, key, None if self.otherwise is None else self.made)

    def made(self, found: Any) -> Any:
        """What was found, or what stands for nothing."""
        return self.otherwise if found is None else found


@dataclass(frozen=True)
class Figure(Batched):
    """One column of what a read finds for the row's ``key``; ``missing`` where it finds nothing."""

    read: Read
    key: str
    column: str
    missing: Any
    arguments: list[StrawberryArgument] = field(default_factory=list)

    def asking(self, context: Context, args: Args) -> Asking:
        """By the row's key."""
        return self.wanted

    def wanted(self, row: Any) -> Any:
        """The column of what is found."""
        return Wanted(self.read, getattr(row, self.key), self.made)

    def made(self, found: Any) -> Any:
        """The column's value."""
        return self.missing if found is None else getattr(found, self.column)


@dataclass(frozen=True)
class Computed:
    """A function of the row alone, which looks at ``columns`` and nothing else.

    ``shows_rows``: whatever rows it shows were read as they are, none is a row of a snapshot.
    """

    function: Callable[[Any], Any]
    columns: tuple[str, ...]
    arguments: list[StrawberryArgument] = field(default_factory=list)
    shows_rows: bool = False

    def resolve(self, row: Any, context: Context, args: Args) -> Any:
        """The function's value."""
        return self.function(row)


@dataclass(frozen=True)
class Counted(Batched):
    """How many rows the list of a page has in all; asked of the database only when the field is."""

    arguments: list[StrawberryArgument] = field(default_factory=list)

    def asking(self, context: Context, args: Args) -> Asking:
        """By the list, or by its parent."""
        return self.wanted

    def wanted(self, row: Answered) -> Wanted:
        """The count."""
        if row.within is None:
            return Wanted(Total(row.listing, row.query), "")
        nested, parent = row.within
        return Wanted(nested.counts(row.query), parent)


@dataclass(frozen=True)
class Root:
    """A function of the context and the field's arguments."""

    function: Callable[..., Awaitable[Any]]
    arguments: list[StrawberryArgument]

    def resolve(self, row: Any, context: Context, args: Args) -> Awaitable[Any]:
        """What the function answers."""
        return self.function(context, **args)


@dataclass(frozen=True)
class Followed:
    """An asynchronous generator of rows: what a subscription yields."""

    function: Callable[..., AsyncGenerator[Any]]
    arguments: list[StrawberryArgument]
    filter: type[Any] | None = None

    def resolve(self, row: Any, context: Context, args: Args) -> AsyncGenerator[Any]:
        """The stream. Raises ValidationFailed (filter)."""
        if self.filter is None or not args.get("filter"):
            return self.function(context, **args)
        given = {name: value for name, value in args["filter"].items() if value is not None}
        wanted = read_command(self.filter, given, SPEECH, context.principal.store.currency)
        return self.function(context, **{**args, "filter": wanted})


@dataclass(frozen=True)
class Listed:
    """A page of a list of the store's."""

    listing: Listing
    arguments: list[StrawberryArgument]
    filter: type[Any] | None = None
    admit: Admit | None = None

    def query(self, args: Args, principal: Principal) -> Query:
        """What the arguments ask for. Raises MalformedRequest (window, search) and ValidationFailed (filter)."""
        sort = args.get("sort") or {}
        return Query(
            window=connection_window(*map(args.get, ("first", "after", "last", "before"))),
            filters=self._admitted(args.get("filter") or {}, principal),
            search=_search(args.get("search")),
            sort=sort["field"].value if sort else None,
            descending=sort["direction"] is SortDirection.DESC if sort else None,
        )

    def resolve(self, row: Any, context: Context, args: Args) -> Awaitable[Answered]:
        """The page."""
        return context.page(self.listing, self.query(args, context.principal))

    def _admitted(self, sent: Args, principal: Principal) -> Mapping[str, Any]:
        filters = self._filters(sent, principal.store.currency)
        return filters if self.admit is None else self.admit(principal, filters)

    def _filters(self, sent: Args, currency: str) -> dict[str, Any]:
        """The conditions that are set; null is as good as left out, so that a variable can stand for "any"."""
        if self.filter is None or not sent:
            return {}
        given = {name: value for name, value in sent.items() if value is not None}
        wanted = read_command(self.filter, given, SPEECH, currency)
        conditions = {spec.name: getattr(wanted, spec.name) for spec in specs(self.filter)}
        return {name: value for name, value in conditions.items() if value is not UNSET}


@dataclass(frozen=True)
class ListedWithin(Batched, Listed):
    """A page of a list of the row's own: one statement for all rows of the level.

    ``key`` is the row's column that is the list's parent; ``narrowed`` names conditions that the row itself sets, by
    its columns, where they are not null.
    """

    nested: Nested = field(kw_only=True)
    key: str = field(kw_only=True)
    narrowed: Mapping[str, str] = field(kw_only=True, default_factory=dict)

    def asking(self, context: Context, args: Args) -> Asking:
        """By the row's key, and by what it narrows."""
        query = self.query(args, context.principal)
        everything = self.nested.pages(query)

        def wanted(row: Any) -> Wanted:
            own = {name: getattr(row, column) for name, column in self.narrowed.items()}
            given = {name: value for name, value in own.items() if value is not None}
            asked = replace(query, filters={**query.filters, **given}) if given else query
            parent = getattr(row, self.key)
            pages = self.nested.pages(asked) if given else everything
            return Wanted(pages, parent, lambda page: Answered(self.listing, asked, page, (self.nested, parent)))

        return wanted


@dataclass(frozen=True)
class Mutation:
    """A use case, run in a savepoint of the operation's transaction; answers an Outcome."""

    use_case: UseCase
    arguments: list[StrawberryArgument]

    async def resolve(self, row: Any, context: Context, args: Args) -> Outcome:
        """The outcome; what the input gets wrong is told as user errors too."""
        try:
            command = read_command(self.use_case.command, args["input"], SPEECH, context.principal.store.currency)
        except ValidationFailed as refusal:
            return Outcome(None, refusal.problems)
        return await context.change(self.use_case, command)


@dataclass(frozen=True)
class Changed(Batched):
    """In a payload: the thing whose id is ``key`` of the use case's result, read again in the same transaction.

    Null when the mutation was refused.
    """

    read: Read
    key: str
    arguments: list[StrawberryArgument] = field(default_factory=list)

    def asking(self, context: Context, args: Args) -> Asking:
        """By the result's key."""
        return self.wanted

    def wanted(self, row: Outcome) -> Wanted | None:
        """The row, as the change left it."""
        return None if row.result is None else Wanted(self.read, attrgetter(self.key)(row.result))


@dataclass(frozen=True)
class Given:
    """In a payload: ``name`` of the use case's result itself, never to be read again."""

    name: str
    arguments: list[StrawberryArgument] = field(default_factory=list)

    def resolve(self, row: Outcome, context: Context, args: Args) -> Any:
        """The value."""
        return self.of(row)

    def of(self, row: Outcome) -> Any:
        """The result's value; None when the mutation was refused."""
        return None if row.result is None else getattr(row.result, self.name)


def _search(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return clean_text(text, 1, SEARCH_MAX, None)
    except Refused as refused:
        raise MalformedRequest.of("search", refused.message) from None
