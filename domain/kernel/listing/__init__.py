"""Declared lists, paged by keyset or by offset."""

from domain.kernel.listing.json_listing import WrittenListing
from domain.kernel.listing.listing import RANK, SEARCH_MAX, Listing
from domain.kernel.listing.query import (
    Filter,
    Joint,
    Kept,
    Matches,
    Narrowing,
    Page,
    Prepared,
    Probe,
    Query,
    Search,
    Shape,
)

__all__ = [
    "RANK",
    "SEARCH_MAX",
    "Filter",
    "Joint",
    "Kept",
    "Listing",
    "Matches",
    "Narrowing",
    "Page",
    "Prepared",
    "Probe",
    "Query",
    "Search",
    "Shape",
    "WrittenListing",
]
