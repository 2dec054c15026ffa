"""Sources that are pages of lists: of the store's own, and of a row's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import UNSET, read_command, specs
from domain.kernel.listing import MAX_SEARCH_LENGTH, Listing, Query, SortDirection
from domain.kernel.listing.nested import NestedListing
from domain.kernel.listing.paging import connection_window
from domain.kernel.principal import Principal
from domain.kernel.validation import InvalidValueError, clean_text
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.pages import ListResult
from resolvers.sources.batched import BatchedSource, RequestFactory
from resolvers.sources.source import Args
from resolvers.wire_format import WIRE_FORMAT

FilterCheck = Callable[[Principal, Mapping[str, Any]], Mapping[str, Any]]
"""Narrows the filters of a list to what the caller may see. Raises Forbidden."""


@dataclass(frozen=True)
class ListSource:
    """A page of a list of the store's."""

    listing: Listing
    filter: type[Any] | None = None
    check_filters: FilterCheck | None = None

    def query(self, args: Args, principal: Principal) -> Query:
        """The query of the arguments. Raises MalformedRequest (window, search) and ValidationFailed (filter)."""
        sort = args.get("sort") or {}
        return Query(
            window=connection_window(*map(args.get, ("first", "after", "last", "before"))),
            filters=self._read_filters(args.get("filter") or {}, principal),
            search=_search(args.get("search")),
            sort=sort["field"].value if sort else None,
            descending=sort["direction"] is SortDirection.DESC if sort else None,
        )

    def resolve(self, row: Any, context: Context, args: Args) -> Awaitable[ListResult]:
        """The page."""
        return context.page(self.listing, self.query(args, context.principal))

    def _read_filters(self, sent: Args, principal: Principal) -> Mapping[str, Any]:
        filters = self._filters(sent, principal.store.currency)
        return filters if self.check_filters is None else self.check_filters(principal, filters)

    def _filters(self, sent: Args, currency: str) -> dict[str, Any]:
        """The conditions that are set; null is as good as left out, so that a variable can stand for "any"."""
        if self.filter is None or not sent:
            return {}
        given = {name: value for name, value in sent.items() if value is not None}
        wanted = read_command(self.filter, given, WIRE_FORMAT, currency)
        conditions = {spec.name: getattr(wanted, spec.name) for spec in specs(self.filter)}
        return {name: value for name, value in conditions.items() if value is not UNSET}


@dataclass(frozen=True)
class NestedListSource(BatchedSource, ListSource):
    """A page of a list of the row's own: one statement for all rows of the level.

    ``key`` is the row's column that is the list's parent; ``narrowed`` names conditions that the row itself sets, by
    its columns, where they are not null.
    """

    nested: NestedListing = field(kw_only=True)
    key: str = field(kw_only=True)
    narrowed: Mapping[str, str] = field(kw_only=True, default_factory=dict)

    def request_factory(self, context: Context, args: Args) -> RequestFactory:
        """By the row's key, and by what it narrows."""
        query = self.query(args, context.principal)
        everything = self.nested.pages(query)

        def wanted(row: Any) -> LoadRequest:
            own = {name: getattr(row, column) for name, column in self.narrowed.items()}
            given = {name: value for name, value in own.items() if value is not None}
            asked = replace(query, filters={**query.filters, **given}) if given else query
            parent = getattr(row, self.key)
            pages = self.nested.pages(asked) if given else everything
            return LoadRequest(pages, parent, lambda page: ListResult(self.listing, asked, page, (self.nested, parent)))

        return wanted


def _search(text: str | None) -> str | None:
    """The search term; None for a blank one, which is ignored."""
    if text is None:
        return None
    try:
        return clean_text(text, 0, MAX_SEARCH_LENGTH, None) or None
    except InvalidValueError as refused:
        raise MalformedRequest.of("search", refused.message, refused.code) from None
