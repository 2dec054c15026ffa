"""Fields by assignment: ``variants: list[ProductVariant] = related(reads.variants_by_product, key="id", ...)``.

The class annotation declares the type of a field, the assigned source its value. The functions here return ``Any``, so
that the annotation stands; a contract test checks the keys and columns, which no type checker sees.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Concatenate, ParamSpec

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from domain.kernel.listing import Listing
from domain.kernel.listing.nested import NestedListing
from domain.kernel.listing.paging import DEFAULT_LIMIT, MAX_CURSOR_LENGTH, MAX_LIMIT
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.calculations import Calculate, calculation_of
from domain.kernel.use_cases.exports import Export
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.sources import (
    CalculationSource,
    ComputedSource,
    DerivedKeySource,
    ExportSource,
    FilterCheck,
    ListSource,
    LookupSource,
    NestedListSource,
    NodeSource,
    PermittedSource,
    RelatedColumnSource,
    RelatedSource,
    ResolverSource,
    SubscriptionSource,
    TotalCountSource,
)
from resolvers.types import Id
from schema.argument_rules import ArgumentSpec, argument_specs, reading_arguments
from schema.inputs import describe_rule, input_of
from schema.row_field import RowField
from schema.strawberry_internals import DeclaredField

P = ParamSpec("P")

_SORT = "The sort order. Default: newest first."
_SORT_WITH_SEARCH = "The sort order. Default: best match first with `search`, newest first otherwise."
_WINDOW = {
    "first": (
        int,
        f"The number of items from the start, or after `after`. 0 to {MAX_LIMIT}. Default: {DEFAULT_LIMIT}.",
    ),
    "after": (str, f"Return items after this cursor. At most {MAX_CURSOR_LENGTH:,} characters."),
    "last": (int, "The number of items from the end, or before `before`. Cannot be combined with `first`."),
    "before": (str, f"Return items before this cursor. At most {MAX_CURSOR_LENGTH:,} characters."),
}


def attribute(description: str) -> Any:
    """The row's own attribute of this name."""
    return DeclaredField(description=description)


def related(
    read: Read, *, key: str, description: str, instead: tuple[Read, str] | None = None, otherwise: Any = None
) -> Any:
    """The row that ``read`` finds for the row's ``key``. Requires the scope of the read.

    ``instead``: another read with the same scope, and its key, for rows in which that key is not null. ``otherwise``:
    the row if the read finds none.
    """
    return RowField.of(RelatedSource(read, key, instead=instead, otherwise=otherwise), description, read.scopes)


def derived_key(
    function: Callable[[Any], LoadRequest | None], *reads: Read, columns: Sequence[str], description: str
) -> Any:
    """The row that one of ``reads``, all of one scope, finds for the load request that ``function`` returns;
    ``columns`` are the columns that the function reads.
    """
    return RowField.of(DerivedKeySource(function, reads, tuple(columns)), description, reads[0].scopes)


def owned_rows(read: Read, *, key: str, description: str) -> Any:
    """As ``related``, for parts of the row. A caller who creates the row is shown them without their read scope."""
    field = related(read, key=key, description=description)
    field.is_owned = True
    return field


def related_column(read: Read, *, key: str, column: str, missing: Any, description: str, is_owned: bool = False) -> Any:
    """One column of what ``read`` finds for the row's ``key``. Requires the read's scope.

    ``is_owned``: see ``owned_rows``.
    """
    field = RowField.of(RelatedColumnSource(read, key, column, missing), description, read.scopes)
    field.is_owned = is_owned
    return field


def computed(
    function: Callable[[Any], Any],
    *,
    columns: Sequence[str],
    description: str,
    scopes: Sequence[str] = (),
    likely: int | None = None,
) -> Any:
    """A function of the row alone; ``columns`` are those it looks at. ``likely``: see Computed."""
    source = ComputedSource(function, tuple(columns), likely=likely)
    return RowField.of(source, description, scopes)


def permitted(
    function: Callable[[Any, Principal], Any], *, columns: Sequence[str], description: str, likely: int | None = None
) -> Any:
    """A function of the row and the caller, which shows them what they may see; ``columns`` are those it looks at.
    ``likely``: see Permitted.
    """
    return RowField.of(PermittedSource(function, tuple(columns), likely=likely), description)


def total_count(description: str) -> Any:
    """How many rows the list has in all."""
    return RowField.of(TotalCountSource(), description)


def root(
    function: Callable[Concatenate[Context, P], Awaitable[Any]], *, description: str, scopes: Sequence[str] = ()
) -> Any:
    """The result of a resolver. The arguments of the field are those of the resolver, described by annotations."""
    taken = argument_specs(_parameters(function)[1:])
    return RowField.of(ResolverSource(reading_arguments(function, taken)), description, scopes, _arguments(taken))


def node_root(
    function: Callable[Concatenate[Any, P], Awaitable[Any]], reads: Mapping[str, Read], *, description: str
) -> Any:
    """As ``root``, for objects of any type. ``reads``: see NodeSource."""
    taken = argument_specs(_parameters(function)[1:])
    return RowField.of(NodeSource(reading_arguments(function, taken), reads), description, (), _arguments(taken))


def calculated(function: Calculate[Any, Any], *, description: str, points: int = 0) -> Any:
    """The result of a calculation of the domain's; needs its scope. Its only argument is ``input``.

    ``points``: see ``CalculationSource``.
    """
    entry = calculation_of(function)
    source = CalculationSource(entry.execute, entry.command, points)
    return RowField.of(
        source, description, (entry.scope,), [argument("input", input_of(entry.command), "Input of the calculation.")]
    )


def exported(export: Export, *, id: str, description: str) -> Any:
    """The document of an export as REST writes it, null if there is no such object; needs its scope. The audit log then
    has who has read it. ``id`` describes the only argument.
    """
    taken = argument_specs([inspect.Parameter("id", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Id, id])])

    async def read(context: Context, *, id: str) -> Any:
        return await context.export(export, id)

    source = ExportSource(reading_arguments(read, taken), export)
    return RowField.of(source, description, (export.scope,), _arguments(taken))


def lookup(
    function: Callable[..., LoadRequest | None],
    *reads: Read,
    description: str,
    sees: Callable[[Principal, Row], bool] | None = None,
    seen_by: Sequence[str] = (),
) -> Any:
    """One row of the store, by one of ``reads``, all of one scope. The function returns the load request of its
    arguments, which their annotations describe. ``sees``, ``seen_by``: see ``LookupSource``.
    """
    taken = argument_specs(_parameters(function))
    source = LookupSource(reading_arguments(function, taken), reads, sees=sees, seen_by=tuple(seen_by))
    return RowField.of(source, description, reads[0].scopes, _arguments(taken))


def listing(
    of: Listing,
    *,
    description: str,
    filter: type[Any] | None = None,
    search: str | None = None,
    sort: type[Any] | None = None,
    check_filters: FilterCheck | None = None,
) -> Any:
    """A connection over a list of the store. Requires the scope of the list; ``check_filters`` restricts it to
    what the caller may see.

    ``filter`` is the command of its conditions, ``search`` describes the fields that are searched, ``sort`` is its
    input.
    """
    return RowField.of(
        ListSource(of, filter, check_filters), description, of.scopes, _list_arguments(filter, search, sort)
    )


def nested(
    of: NestedListing,
    *,
    key: str,
    description: str,
    filter: type[Any] | None = None,
    sort: type[Any] | None = None,
    check_filters: FilterCheck | None = None,
    narrowed: Mapping[str, str] | None = None,
) -> Any:
    """A connection over a list of the row's own, whose parent is the row's ``key``; needs the list's scope.

    ``narrowed``: conditions that the row itself sets, by its columns.
    """
    source = NestedListSource(of.listing, filter, check_filters, nested=of, key=key, narrowed=narrowed or {})
    return RowField.of(source, description, of.listing.scopes, _list_arguments(filter, None, sort))


def _list_arguments(filter: type[Any] | None, search: str | None, sort: type[Any] | None) -> list[StrawberryArgument]:
    arguments = [argument(name, type_ | None, text) for name, (type_, text) in _WINDOW.items()]
    if sort is not None:
        arguments.insert(0, argument("sort", sort | None, _SORT if search is None else _SORT_WITH_SEARCH))
    if search is not None:
        arguments.insert(0, argument("search", str | None, search))
    if filter is not None:
        arguments.insert(0, argument("filter", input_of(filter) | None, "Return only items that match."))
    return arguments


def subscription(
    function: Callable[Concatenate[Context, P], AsyncGenerator[Any]],
    *,
    description: str,
    filter: type[Any] | None = None,
    scopes: Sequence[str] = (),
) -> Any:
    """The events that a resolver yields until the client unsubscribes. ``filter``: the command of its argument
    ``filter``.
    """
    taken = argument_specs([parameter for parameter in _parameters(function)[1:] if parameter.name != "filter"])
    arguments = _arguments(taken)
    if filter is not None:
        arguments.append(argument("filter", input_of(filter) | None, "Return only events that match."))
    return RowField.of(
        SubscriptionSource(reading_arguments(function, taken), filter),
        description,
        scopes,
        arguments,
        is_subscription=True,
    )


def argument(name: str, type_: Any, description: str) -> StrawberryArgument:
    """An argument; optional when its type allows None."""
    return StrawberryArgument(name, None, StrawberryAnnotation(type_), description=description)


def _arguments(taken: Sequence[ArgumentSpec]) -> list[StrawberryArgument]:
    """As the schema shows them."""
    return [
        argument(spec.name, spec.type, spec.description if spec.rule is None else describe_rule(spec.rule))
        for spec in taken
    ]


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())
