"""A field of a GraphQL type with a source: how its value is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.info import Info

from resolvers.context import Context
from resolvers.sources import Args, Source
from schema.strawberry_internals import DeclaredField


class RowField(DeclaredField):
    """A field with a source. ``scopes``: one of them is required; if empty, the scope of the parent is enough.

    ``is_owned``: the field is part of its parent and was created with it.
    """

    source: Source
    scopes: tuple[str, ...]
    is_owned: bool = False

    @classmethod
    def of(
        cls,
        source: Source,
        description: str,
        scopes: Sequence[str] = (),
        arguments: Sequence[StrawberryArgument] = (),
        *,
        is_subscription: bool = False,
    ) -> Any:
        """The field of a source."""
        field = cls(description=description, is_subscription=is_subscription)
        field.source, field.scopes, field.arguments = source, tuple(scopes), list(arguments)
        return field

    def __copy__(self) -> RowField:
        """A copy, for a generic type that becomes concrete."""
        field = super().__copy__()
        field.source, field.scopes, field.is_owned = self.source, self.scopes, self.is_owned
        return field

    @property
    def is_basic_field(self) -> bool:
        """Never: Strawberry would read the attribute of the field's own name."""
        return False

    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Args) -> Any:
        """The value of the source. Raises Forbidden without the required scope."""
        assert info is not None  # noqa: S101 - only basic fields go without
        context: Context = info.context
        context.require(self.scopes)
        return self.source.resolve(source, context, kwargs)
