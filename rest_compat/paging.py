"""Pages of REST lists: by number with totals, or by cursor."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from starlette.requests import Request

from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import UNSET, FieldSpec, Integer, Json, Text, Unset, specs
from domain.kernel.listing import MAX_SEARCH_LENGTH, Listing, Page, Query
from domain.kernel.listing.paging import DEFAULT_LIMIT, MAX_LIMIT, MAX_PAGE, Window, page_window
from domain.kernel.principal import Principal
from rest_compat.actions import PageAction
from rest_compat.parameters import Keyword, read_parameters

CURSOR_MAX = 11_000
"""Characters: the kernel's longest cursor, of four bytes a character, in base64."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageParameters:
    """The parameters of every list."""

    page: Annotated[
        int | Unset, Integer(min=1, max=MAX_PAGE, description="The number of the page, starting at 1.", example=1)
    ] = UNSET
    limit: Annotated[int, Integer(min=1, max=MAX_LIMIT, description="The number of items per page.", example=50)] = (
        DEFAULT_LIMIT
    )
    cursor: Annotated[
        str | Unset,
        Text(
            max=CURSOR_MAX,
            description="The `next_cursor` of the previous page, with the same filters and sort. Empty for the first "
            "page. Cannot be combined with `page`.",
        ),
    ] = UNSET


_ORDER = FieldSpec(
    name="order",
    rule=Keyword(words=("asc", "desc"), description="The direction of the sort. Default: `asc`.", example="desc"),
    base=str,
    nullable=False,
    required=False,
    default=UNSET,
)


def list_parameters(paged: PageAction) -> tuple[FieldSpec, ...]:
    """The parameters of a list."""
    listing = paged.listing
    filters = _filters(paged)
    search = () if paged.search is None else (_search(paged.search),)
    return (*specs(PageParameters), *filters, *search, _sort(listing), _ORDER)


def _search(description: str) -> FieldSpec:
    rule = Text(
        max=MAX_SEARCH_LENGTH, description=f"{description} An empty or blank search is ignored.", example="headphones"
    )
    return FieldSpec(name="search", rule=rule, base=str, nullable=False, required=False, default=UNSET)


def _filters(paged: PageAction) -> tuple[FieldSpec, ...]:
    if paged.filters is None:
        return ()
    return tuple(spec for spec in specs(paged.filters) if spec.name not in paged.set_by_path)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The query of a list and the number of the page; None if it is paged by cursor."""

    query: Query
    page: int | None

    def within(self, filters: Mapping[str, Any]) -> ListRequest:
        """The same of a list of something's own, which these filters are."""
        return replace(self, query=replace(self.query, filters={**self.query.filters, **filters}))


def read_list(paged: PageAction, request: Request, principal: Principal) -> ListRequest:
    """The query of a list, restricted to what the caller may see. Raises MalformedRequest, Forbidden."""
    given = read_parameters(list_parameters(paged), request, principal.store.currency)
    filters: Mapping[str, Any] = _chosen(given, _filters(paged))
    if paged.check_filters is not None:
        filters = paged.check_filters(principal, filters)
    order = given.get("order")
    page = given.get("page", 1) if "cursor" not in given else None
    if page is None and "page" in given:
        raise MalformedRequest.of("cursor", "Use either `page` or `cursor`.")
    limit = given.get("limit", DEFAULT_LIMIT)
    window = page_window(page, limit) if page is not None else Window(limit, _opened(given["cursor"]))
    query = Query(
        window,
        filters=filters,
        search=given.get("search") or None,
        sort=given.get("sort"),
        descending=None if order is None else order == "desc",
    )
    return ListRequest(query, page)


def pagination_of(asked: ListRequest, page: Page) -> Json:
    """Where the page is in its list."""
    pagination = _by_cursor(page) if asked.page is None else _by_number(asked.page, asked.query.window.limit, page)
    if page.search_truncated:
        pagination["search_truncated"] = True
    return pagination


def _by_number(number: int, limit: int, page: Page) -> dict[str, Any]:
    total = page.total or 0
    pages = -(-total // limit)
    return {
        "page": number,
        "limit": limit,
        "total_pages": pages,
        "total_items": total,
        "has_next": number < pages,
        "has_previous": number > 1 and pages > 0,
    }


def _by_cursor(page: Page) -> dict[str, Any]:
    following = _closed(page.cursor(page.rows[-1])) if page.has_next else None
    return {"next_cursor": following, "has_more": page.has_next}


def _closed(cursor: str) -> str:
    """A cursor of the kernel in base64, so that it can be pasted into a URL."""
    return urlsafe_b64encode(cursor.encode()).rstrip(b"=").decode()


def _opened(cursor: str) -> str | None:
    """The cursor of the kernel; None for the empty one, which means the first page. Raises MalformedRequest."""
    bare = cursor.rstrip("=")
    try:
        return b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True).decode() or None
    except ValueError:
        raise MalformedRequest.of("cursor", "Invalid cursor.") from None


def _chosen(given: Mapping[str, Any], fields: Sequence[FieldSpec]) -> dict[str, Any]:
    return {spec.name: given[spec.name] for spec in fields if spec.name in given}


def _sort(listing: Listing) -> FieldSpec:
    rule = Keyword(words=tuple(listing.sorts), description="The field to sort by.", example=next(iter(listing.sorts)))
    return FieldSpec(name="sort", rule=rule, base=str, nullable=False, required=False, default=UNSET)
