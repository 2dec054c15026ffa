"""Where a field's value comes from. A type describes a row; its fields say how the row leads to what they show.

Each kind of source is a class of its own, so that whoever plans an operation can tell them apart.
"""

from schema.sources.batched import Asking, Batched, Changed, Counted, Figure, Found, Lookup, Permitted, Related
from schema.sources.lists import Admit, Listed, ListedWithin
from schema.sources.source import Args, Computed, Followed, Given, Mutation, Root, Source

__all__ = [
    "Admit",
    "Args",
    "Asking",
    "Batched",
    "Changed",
    "Computed",
    "Counted",
    "Figure",
    "Followed",
    "Found",
    "Given",
    "Listed",
    "ListedWithin",
    "Lookup",
    "Mutation",
    "Permitted",
    "Related",
    "Root",
    "Source",
]
