"""The base of all sources, and those without reads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.kernel.errors import ValidationFailed
from domain.kernel.fields import read_command
from domain.kernel.reads.read import Read
from domain.kernel.use_cases.exports import Export
from domain.kernel.use_cases.registry import UseCase
from resolvers.context import Context
from resolvers.types import MutationResult
from resolvers.wire_format import WIRE_FORMAT

Args = Mapping[str, Any]
"""A field's arguments by their Python names; those left out are not in it."""


class Source(Protocol):
    """The interface of every source."""

    def resolve(self, row: Any, context: Context, args: Args) -> Any:
        """The field's value, or an awaitable of it."""


@dataclass(frozen=True)
class ComputedSource:
    """A function of the row that reads only ``columns``."""

    function: Callable[[Any], Any]
    columns: tuple[str, ...]
    likely: int | None = None
    """Of a list, how many items it has as a rule."""

    def resolve(self, row: Any, context: Context, args: Args) -> Any:
        """The function's value."""
        return self.function(row)


@dataclass(frozen=True)
class ResolverSource:
    """A function of the context and the field's arguments."""

    function: Callable[..., Awaitable[Any]]

    def resolve(self, row: Any, context: Context, args: Args) -> Awaitable[Any]:
        """The result of the function."""
        return self.function(context, **args)


@dataclass(frozen=True)
class CalculationSource(ResolverSource):
    """The result of a calculation, for the argument ``input``."""

    command: type[Any]
    points: int = 0
    """What it costs besides its objects: work that does not show in them, such as calls to others."""

    def resolve(self, row: Any, context: Context, args: Args) -> Awaitable[Any]:
        """The result. Raises ValidationFailed (input)."""
        asked = read_command(self.command, args["input"], WIRE_FORMAT, context.principal.store.currency)
        return self.function(context.calculation_context(), context.principal, asked)


@dataclass(frozen=True)
class ExportSource(ResolverSource):
    """The document of an export, for the argument ``id``."""

    export: Export


@dataclass(frozen=True)
class NodeSource(ResolverSource):
    """Objects of any type, found by their ids alone. ``reads`` are those of types whose rows everybody with the scope
    may see and whose key is the id; ``instead`` are reads that replace them.
    """

    reads: Mapping[str, Read]
    instead: Mapping[Read, Read] = field(default_factory=dict)

    def resolve(self, row: Any, context: Context, args: Args) -> Awaitable[Any]:
        """The result of the function."""
        return self.function(_NodeReader(context, self.instead) if self.instead else context, **args)


class _NodeReader:
    """A context in which some reads replace others."""

    def __init__(self, context: Context, instead: Mapping[Read, Read]) -> None:
        self.principal = context.principal
        self.require = context.require
        self._context = context
        self._instead = instead

    def load(self, read: Read, key: str) -> Awaitable[Any]:
        """As the context loads it, by the read that replaces this one."""
        return self._context.load(self._instead.get(read, read), key)


@dataclass(frozen=True)
class SubscriptionSource:
    """An asynchronous generator of rows: what a subscription yields."""

    function: Callable[..., AsyncGenerator[Any]]
    filter: type[Any] | None = None

    def resolve(self, row: Any, context: Context, args: Args) -> AsyncGenerator[Any]:
        """The stream. Raises ValidationFailed (filter)."""
        if self.filter is None or not args.get("filter"):
            return self.function(context, **args)
        given = {name: value for name, value in args["filter"].items() if value is not None}
        wanted = read_command(self.filter, given, WIRE_FORMAT, context.principal.store.currency)
        return self.function(context, **{**args, "filter": wanted})


@dataclass(frozen=True)
class MutationSource:
    """A use case, run in a savepoint of the transaction of the operation. Returns a MutationResult."""

    use_case: UseCase

    async def resolve(self, row: Any, context: Context, args: Args) -> MutationResult:
        """The result; errors in the input are reported as user errors, too."""
        try:
            sent = (
                {WIRE_FORMAT.name(name): value for name, value in args.items()} if self.use_case.bulk else args["input"]
            )
            command = read_command(self.use_case.command, sent, WIRE_FORMAT, context.principal.store.currency)
        except ValidationFailed as refusal:
            return MutationResult(None, refusal.problems)
        return await context.change(self.use_case, command)


@dataclass(frozen=True)
class ResultValueSource:
    """In a payload: ``name`` of the use case's result itself, never to be read again."""

    name: str
    is_secret: bool = False
    """Whether the value must not be stored with a response: files and rows of jobs are not encrypted."""

    def resolve(self, row: MutationResult, context: Context, args: Args) -> Any:
        """The value."""
        return self.of(row)

    def of(self, row: MutationResult) -> Any:
        """The result's value; None when the mutation was refused."""
        return None if row.result is None else getattr(row.result, self.name)
