"""Where a field's value comes from. A type describes a row; its fields say how the row leads to what they show.

Each kind of source is a class of its own, so that whoever plans an operation can tell them apart.
"""

from resolvers.sources.batched import (
    BatchedSource,
    ChangedRowSource,
    DerivedKeySource,
    LookupSource,
    PermittedSource,
    RelatedColumnSource,
    RelatedSource,
    RequestFactory,
    TotalCountSource,
)
from resolvers.sources.lists import FilterCheck, ListSource, NestedListSource
from resolvers.sources.source import (
    Args,
    ComputedSource,
    MutationSource,
    ResolverSource,
    ResultValueSource,
    Source,
    SubscriptionSource,
)

__all__ = [
    "Args",
    "BatchedSource",
    "ChangedRowSource",
    "ComputedSource",
    "DerivedKeySource",
    "FilterCheck",
    "ListSource",
    "LookupSource",
    "MutationSource",
    "NestedListSource",
    "PermittedSource",
    "RelatedColumnSource",
    "RelatedSource",
    "RequestFactory",
    "ResolverSource",
    "ResultValueSource",
    "Source",
    "SubscriptionSource",
    "TotalCountSource",
]
