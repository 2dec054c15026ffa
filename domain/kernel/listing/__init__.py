"""Declared lists, paged by keyset or by offset."""

from domain.kernel.listing.json_listing import JsonListing
from domain.kernel.listing.json_lookup import JsonLookup
from domain.kernel.listing.json_pages import (
    JsonPage,
    PageMember,
    PageObjects,
    PagePart,
    PageQuery,
    PageRefusedError,
    PageRows,
)
from domain.kernel.listing.listing import MAX_SEARCH_LENGTH, RANK, Listing
from domain.kernel.listing.query import (
    AdaptiveFilter,
    Filter,
    FilterClause,
    JointFilter,
    Matches,
    Page,
    PageShape,
    PreparedQuery,
    Query,
    RetentionCheck,
    Search,
    SortDirection,
)

__all__ = [
    "MAX_SEARCH_LENGTH",
    "RANK",
    "AdaptiveFilter",
    "Filter",
    "FilterClause",
    "JointFilter",
    "JsonListing",
    "JsonLookup",
    "JsonPage",
    "Listing",
    "Matches",
    "Page",
    "PageMember",
    "PageObjects",
    "PagePart",
    "PageQuery",
    "PageRefusedError",
    "PageRows",
    "PageShape",
    "PreparedQuery",
    "Query",
    "RetentionCheck",
    "Search",
    "SortDirection",
]
