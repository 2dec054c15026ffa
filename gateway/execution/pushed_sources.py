"""Sources of pushed-down rows that show pages of lists of their own: with the arguments of those."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from domain.kernel.errors import DomainError
from domain.kernel.listing import JsonListing, JsonLookup, PageQuery, PageRefusedError
from domain.kernel.principal import Principal
from gateway.execution.plan import Field
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.pages import ListResult
from resolvers.sources import Args, ListSource, LookupSource, NestedListSource

PAGES = "pages"
"""The member of the arguments with those of the pages: a list in the order of their numbers, or what is wrong."""


@dataclass(slots=True, eq=False)
class PushedField(Field):
    """A root field whose rows show pages, each with its number in ``pages``."""

    pages: tuple[Field, ...] = ()

    @classmethod
    def of(cls, field: Field, pages: Sequence[Field]) -> PushedField:
        """The field with these pages."""
        return cls(**{each.name: getattr(field, each.name) for each in fields(Field)}, pages=tuple(pages))

    def arguments(self, variables: VariableValues) -> dict[str, Any]:
        """Those of the field, and those of the pages. Raises GraphQLError for its own."""
        own = Field.arguments(self, variables)
        try:
            return {**own, PAGES: [page.arguments(variables) for page in self.pages]}
        except GraphQLError as error:
            return {**own, PAGES: error}


@dataclass(frozen=True)
class PushedListSource(ListSource):
    """A page of a list whose rows show pages."""

    pages: tuple[NestedListSource, ...] = ()

    def resolve(self, row: Any, context: Context, args: Args) -> Awaitable[ListResult]:
        """The page. Raises PageRefusedError, too."""
        assert isinstance(self.listing, JsonListing)  # noqa: S101 - it is pushed down
        query = self.query(args, context.principal)
        shown = self.listing.showing(_queries(self.pages, args[PAGES], context.principal))
        return context.page(shown, query)


@dataclass(frozen=True)
class PushedLookupSource(LookupSource):
    """One row of the store, which shows pages. ``written`` are the reads that replace ``reads``, in their order."""

    written: tuple[JsonLookup, ...] = ()
    pages: tuple[NestedListSource, ...] = ()

    def request_factory(self, context: Context, args: Args) -> Any:
        """By the arguments alone. Raises MalformedRequest, and PageRefusedError."""
        wanted = self.function(**{name: value for name, value in args.items() if name != PAGES})
        if wanted is not None:
            lookup = self.written[[*self.reads].index(wanted.batch)]  # type: ignore[arg-type]  # one of reads
            wanted = LoadRequest(lookup.showing(_queries(self.pages, args[PAGES], context.principal)), wanted.key)
        return lambda _: wanted


def _queries(sources: Sequence[NestedListSource], given: Any, principal: Principal) -> list[PageQuery]:
    """The queries of the pages. Raises PageRefusedError."""
    if isinstance(given, GraphQLError):
        raise PageRefusedError(given.message)
    try:
        return [(each.nested, each.query(args, principal)) for each, args in zip(sources, given, strict=True)]
    except DomainError as refused:
        raise PageRefusedError(refused.message) from refused
