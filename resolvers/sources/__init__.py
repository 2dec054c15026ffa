"""The sources of field values. A type describes a row; a source leads from the row to the value of a field.

Each kind of source is a class, so that the query planner can distinguish them.
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
    CalculationSource,
    ComputedSource,
    ExportSource,
    MutationSource,
    NodeSource,
    ResolverSource,
    ResultValueSource,
    Source,
    SubscriptionSource,
)

__all__ = [
    "Args",
    "BatchedSource",
    "CalculationSource",
    "ChangedRowSource",
    "ComputedSource",
    "DerivedKeySource",
    "ExportSource",
    "FilterCheck",
    "ListSource",
    "LookupSource",
    "MutationSource",
    "NestedListSource",
    "NodeSource",
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
