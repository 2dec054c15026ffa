"""Fields by assignment: ``variants: list[ProductVariant] = related(reads.variants_by_product, key="id", ...)``.

A class annotation says what the field is, the assigned source where it comes from. The functions here return ``Any``,
so that the annotation stands; a contract test checks the keys and columns that no type checker sees.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Concatenate, ParamSpec, get_args, get_origin

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from domain.kernel.listing import Listing
from domain.kernel.nested import Nested
from domain.kernel.reads import Read
from domain.kernel.use_cases import Execute, use_case_of
from resolvers.context import Context
from resolvers.wanted import Wanted
from schema.inputs import input_of
from schema.sources import (
    Admit,
    Args,
    Changed,
    Computed,
    Counted,
    Figure,
    Followed,
    Given,
    Listed,
    ListedWithin,
    Lookup,
    Mutation,
    Related,
    Root,
    Source,
)

P = ParamSpec("P")

_SORT = "The order; when left out, the best match first in a search, else the newest."
_WINDOW = {
    "first": (int, "How many from the beginning, or after the cursor; 0 to 200, 50 when left out."),
    "after": (str, "The cursor after which the page begins."),
    "last": (int, "How many from the end, or before the cursor; not together with first."),
    "before": (str, "The cursor before which the page ends."),
}


class RowField(StrawberryField):
    """A field with a source. ``scopes``: holding any one of them is enough; empty, and the parent's scope will do."""

    source: Source
    scopes: tuple[str, ...]

    @classmethod
    def of(cls, source: Source, description: str, scopes: Sequence[str] = (), *, is_subscription: bool = False) -> Any:
        """The field of a source."""
        field = cls(description=description, is_subscription=is_subscription)
        field.init = field.repr = field.compare = False
        field.source, field.scopes, field.arguments = source, tuple(scopes), source.arguments
        return field

    def __copy__(self) -> RowField:
        """A copy for a generic type made concrete."""
        field = super().__copy__()
        field.init = field.repr = field.compare = False
        field.source, field.scopes = self.source, self.scopes
        return field

    @property
    def is_basic_field(self) -> bool:
        """Never: Strawberry would read the attribute of the field's own name."""
        return False

    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Args) -> Any:
        """What the source answers, for a caller who may ask."""
        assert info is not None  # noqa: S101 - only basic fields go without
        context: Context = info.context
        context.require(self.scopes)
        return self.source.resolve(source, context, kwargs)


def attribute(description: str) -> Any:
    """The row's own attribute of this name."""
    return strawberry.field(description=description)


def related(
    read: Read, *, key: str, description: str, instead: tuple[Read, str] | None = None, otherwise: Any = None
) -> Any:
    """What ``read`` finds for the row's ``key``; needs the read's scope.

    ``instead``: another read with the same scope, and its key, for rows in which that key is not null. ``otherwise``:
    the row where the read finds none.
    """
    return RowField.of(Related(read, key, instead=instead, otherwise=otherwise), description, read.scopes)


def figure(read: Read, *, key: str, column: str, missing: Any, description: str) -> Any:
    """One column of what ``read`` finds for the row's ``key``; needs the read's scope."""
    return RowField.of(Figure(read, key, column, missing), description, read.scopes)


def computed(
    function: Callable[[Any], Any],
    *,
    columns: Sequence[str],
    description: str,
    scopes: Sequence[str] = (),
    shows_rows: bool = False,
    likely: int | None = None,
) -> Any:
    """A function of the row alone; ``columns`` are those it looks at. ``shows_rows``, ``likely``: see Computed."""
    source = Computed(function, tuple(columns), shows_rows=shows_rows, likely=likely)
    return RowField.of(source, description, scopes)


def counted(description: str) -> Any:
    """How many rows the list has in all."""
    return RowField.of(Counted(), description)


def root(
    function: Callable[Concatenate[Context, P], Awaitable[Any]], *, description: str, scopes: Sequence[str] = ()
) -> Any:
    """What a resolver answers; the field's arguments are the resolver's own, described by their annotations."""
    return RowField.of(Root(function, arguments_of(function)), description, scopes)


def lookup(function: Callable[..., Wanted | None], *reads: Read, description: str) -> Any:
    """One row of the store's, by one of ``reads``, which need the same scope: what the function wants of its arguments,
    described by their annotations."""
    arguments = [_argument_of(parameter) for parameter in _parameters(function)]
    return RowField.of(Lookup(function, reads, arguments), description, reads[0].scopes)


def listing(
    of: Listing,
    *,
    description: str,
    filter: type[Any] | None = None,
    search: str | None = None,
    sort: type[Any] | None = None,
    admit: Admit | None = None,
) -> Any:
    """A connection over a list of the store's; needs the list's scope, and holds what ``admit`` lets the caller see.

    ``filter`` is the command of its conditions, ``search`` describes what a search looks at, ``sort`` is its input.
    """
    return RowField.of(Listed(of, _list_arguments(filter, search, sort), filter, admit), description, of.scopes)


def nested(
    of: Nested,
    *,
    key: str,
    description: str,
    filter: type[Any] | None = None,
    sort: type[Any] | None = None,
    admit: Admit | None = None,
    narrowed: Mapping[str, str] | None = None,
) -> Any:
    """A connection over a list of the row's own, whose parent is the row's ``key``; needs the list's scope.

    ``narrowed``: conditions that the row itself sets, by its columns.
    """
    source = ListedWithin(
        of.listing, _list_arguments(filter, None, sort), filter, admit, nested=of, key=key, narrowed=narrowed or {}
    )
    return RowField.of(source, description, of.listing.scopes)


def _list_arguments(filter: type[Any] | None, search: str | None, sort: type[Any] | None) -> list[StrawberryArgument]:
    arguments = [argument(name, type_ | None, text) for name, (type_, text) in _WINDOW.items()]
    if sort is not None:
        arguments.insert(0, argument("sort", sort | None, _SORT))
    if search is not None:
        arguments.insert(0, argument("search", str | None, search))
    if filter is not None:
        arguments.insert(0, argument("filter", input_of(filter) | None, "Which of them; all when left out."))
    return arguments


def mutation(use_case: Execute[Any, Any]) -> Any:
    """A use case of the domain's, described as its command is; needs the use case's scope."""
    entry = use_case_of(use_case)
    arguments = [argument("input", input_of(entry.command), "What to do, and to what.")]
    return RowField.of(Mutation(entry, arguments), inspect.getdoc(entry.command) or "", (entry.scope,))


def changed(read: Read, *, key: str, description: str) -> Any:
    """In a payload: what was changed. The mutation's own scope is enough: who writes a thing is shown it."""
    return RowField.of(Changed(read, key), description)


def given(name: str, *, description: str) -> Any:
    """In a payload: a value that only the use case's result has."""
    return RowField.of(Given(name), description)


def subscription(
    function: Callable[Concatenate[Context, P], AsyncGenerator[Any]],
    *,
    description: str,
    filter: type[Any] | None = None,
    scopes: Sequence[str] = (),
) -> Any:
    """What a resolver yields, for as long as it is asked. ``filter``: the command that its ``filter`` takes."""
    arguments = arguments_of(function)
    if filter is not None:
        arguments.append(argument("filter", input_of(filter) | None, "Which of them; all when left out."))
    return RowField.of(Followed(function, arguments, filter), description, scopes, is_subscription=True)


def argument(name: str, type_: Any, description: str) -> StrawberryArgument:
    """An argument; optional when its type allows None."""
    return StrawberryArgument(name, None, StrawberryAnnotation(type_), description=description)


def arguments_of(function: Callable[..., Any]) -> list[StrawberryArgument]:
    """The arguments of a resolver after its context, but for ``filter``, whose type is made of a command.

    Raises TypeError for one that its annotation does not describe.
    """
    return [_argument_of(parameter) for parameter in _parameters(function)[1:] if parameter.name != "filter"]


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())


def _argument_of(parameter: inspect.Parameter) -> StrawberryArgument:
    if get_origin(parameter.annotation) is not Annotated:
        raise TypeError(f"{parameter.name}: annotate it with its type and its description")
    type_, description = get_args(parameter.annotation)
    return argument(parameter.name, type_, description)
