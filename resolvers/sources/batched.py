"""Sources with reads: the values that all rows of a level need from one read are loaded together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any

from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.pages import ListResult, ListTotal
from resolvers.sources.source import Args
from resolvers.types import MutationResult

RequestFactory = Callable[[Any], Any]
"""Returns the load request of a row, or its value if nothing has to be read."""


class BatchedSource(ABC):
    """A source whose values for many rows are read together."""

    @abstractmethod
    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """The load request of a row. Raises MalformedRequest for invalid arguments."""

    def resolve(self, row: Any, context: Context, args: Args) -> Any:
        """The value for one row, loaded together with those of its siblings."""
        wanted = self.request_factory(context, args)(row)
        return wanted.load(context) if type(wanted) is LoadRequest else wanted


@dataclass(frozen=True)
class RelatedSource(BatchedSource):
    """The row or rows that a read finds for the row's ``key``.

    ``instead``: another read and its key, for rows in which that key is not null. ``otherwise``: the row if the read
    finds none.
    """

    read: Read
    key: str
    instead: tuple[Read, str] | None = None
    otherwise: Any = None

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """By the row's key."""
        return self.load_request

    def load_request(self, row: Any) -> LoadRequest | None:
        """By the row's key, or by that of ``instead``; None where the row has none."""
        if self.instead is not None:
            other, column = self.instead
            if (value := getattr(row, column)) is not None:
                return LoadRequest(other, value)
        key = getattr(row, self.key)
        if key is None:
            return None
        return LoadRequest(self.read, key, None if self.otherwise is None else self.transform)

    def transform(self, found: Any) -> Any:
        """The row, or its substitute if there is none."""
        return self.otherwise if found is None else found


@dataclass(frozen=True)
class RelatedColumnSource(BatchedSource):
    """One column of what a read finds for the row's ``key``; ``missing`` where it finds nothing."""

    read: Read
    key: str
    column: str
    missing: Any

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """By the row's key."""
        return self.load_request

    def load_request(self, row: Any) -> Any:
        """The column of what is found."""
        return LoadRequest(self.read, getattr(row, self.key), self.transform)

    def transform(self, found: Any) -> Any:
        """The column's value."""
        return self.missing if found is None else getattr(found, self.column)


@dataclass(frozen=True)
class DerivedKeySource(BatchedSource):
    """A row by a key that ``function`` finds in ``columns`` of the row, and by which of ``reads``; None for nothing."""

    function: Callable[[Any], LoadRequest | None]
    reads: tuple[Read, ...]
    columns: tuple[str, ...]

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """The load request that the function returns for the row."""
        return self.function


@dataclass(frozen=True)
class LookupSource(BatchedSource):
    """One row of the store. ``function`` selects the key and one of ``reads`` from the arguments, or returns None if
    nothing can be found.

    ``instead``: reads that replace them, of the same rows. ``sees``: whether the caller may see a row, by its columns
    ``seen_by``; None if all rows may be seen.
    """

    function: Callable[..., LoadRequest | None]
    reads: tuple[Read, ...]
    instead: Mapping[Read, Read] = field(default_factory=dict)
    sees: Callable[[Principal, Any], bool] | None = None
    seen_by: tuple[str, ...] = ()

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """By the arguments alone. Raises MalformedRequest."""
        wanted = self.function(**args)
        if wanted is not None and self.instead:
            wanted = LoadRequest(self.instead[wanted.batch], wanted.key)  # type: ignore[index]  # one of reads
        if wanted is not None and self.sees is not None:
            wanted = LoadRequest(wanted.batch, wanted.key, partial(self._visible, self.sees, context.principal))
        return lambda _: wanted

    @staticmethod
    def _visible(sees: Callable[[Principal, Any], bool], principal: Principal, row: Any) -> Any:
        return row if row is not None and sees(principal, row) else None


@dataclass(frozen=True)
class TotalCountSource(BatchedSource):
    """The number of rows of a whole list. Only counted if the field is selected."""

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """By the list, or by its parent."""
        return self.load_request

    def load_request(self, row: ListResult) -> LoadRequest:
        """The count."""
        if row.within is None:
            return LoadRequest(ListTotal(row.listing, row.query), "")
        nested, parent = row.within
        return LoadRequest(nested.counts(row.query), parent)


@dataclass(frozen=True)
class PermittedSource(BatchedSource):
    """A function of the row and the principal, which reads only ``columns`` and returns what the caller may see."""

    function: Callable[[Any, Principal], Any]
    columns: tuple[str, ...]
    likely: int | None = None
    """Of a list: how many items it has as a rule."""

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """By the row and the caller."""
        return lambda row: self.function(row, context.principal)


@dataclass(frozen=True)
class ChangedRowSource(BatchedSource):
    """In a payload: the object whose id is ``key`` of the use case's result, read again in the same transaction.

    Null if the mutation was refused, or if the result has no such object. ``instead``: another read with the same
    scope, and its key, for results in which that key is not null. ``created``: the mutation created the object, so it
    is shown with all that it owns to a caller who may create it. Of an object that existed, ``written``: what the
    mutation writes besides what its input sets; ``described``: whether the members of the input are members of this
    object; ``derived``: paths in the input that set a member only relative to the earlier state (``discount.percent``).
    """

    read: Read
    key: str
    instead: tuple[Read, str] | None = None
    created: bool = False
    written: frozenset[str] = frozenset()
    described: bool = True
    derived: frozenset[str] = frozenset()

    def derivations(self, member: str) -> tuple[str, ...]:
        """The paths in the input whose values do not show the member."""
        if not self.described:
            return (member,)
        return tuple(path for path in self.derived if path.partition(".")[0] == member)

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """By the result's key."""
        return self.load_request

    def load_request(self, row: MutationResult) -> LoadRequest | None:
        """The row, as the change left it."""
        if row.result is None:
            return None
        if self.instead is not None:
            other, column = self.instead
            if (value := getattr(row.result, column)) is not None:
                return LoadRequest(other, value)
        key = attrgetter(self.key)(row.result)
        return None if key is None else LoadRequest(self.read, key)
