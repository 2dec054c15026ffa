"""Fields by assignment, and inputs made of commands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, cast

import pytest
import strawberry
from graphql import execute_sync, parse
from strawberry.schema.config import StrawberryConfig

import schema
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden
from domain.kernel.fields import (
    UNSET,
    Amount,
    Attributes,
    Boolean,
    DateTime,
    Integer,
    ListOf,
    NestedObject,
    Text,
    Unset,
    Url,
)
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from resolvers.context import Context
from resolvers.sources import ComputedSource, TotalCountSource
from resolvers.wire_format import WIRE_FORMAT, client_path
from schema.fields import root
from schema.inputs import input_of
from schema.row_field import RowField
from schema.scalars import SCALARS
from schema.strawberry_internals import core_schema, field_of
from tests.conftest import Shop

CORE = core_schema(schema.schema)


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One leg."""

    length: Annotated[int, Integer(min=1, max=300, description="In centimetres.")]


@dataclass(frozen=True, kw_only=True, slots=True)
class MakeChair:
    """Make a chair."""

    chair_id: Annotated[str, Text(min=1, max=64, description="Its id.")]
    name: Annotated[str | Unset | None, Text(max=1_000, description="Its name.")] = UNSET
    price: Annotated[Money | Unset, Amount(description="Its price.")] = UNSET
    legs: Annotated[
        tuple[Leg, ...], ListOf(item=NestedObject(description="A leg."), min=3, max=5, description="Its legs.")
    ]
    folds: Annotated[bool, Boolean(description="Whether it folds.")] = False
    picture: Annotated[str | Unset, Url(description="Its picture.")] = UNSET
    made_at: Annotated[Any | Unset, DateTime(description="When.")] = UNSET
    marks: Annotated[dict[str, str] | Unset, Attributes(description="Its marks.")] = UNSET
    seats: Annotated[int, Integer(min=1, description="How many may sit.")] = 1
    words: Annotated[
        tuple[str, ...], ListOf(item=Text(min=1, max=9, description="A word."), max=3, description="Its words.")
    ] = ()


PRINTED = '''"""Make a chair."""
input MakeChairInput {
  """Its id. 1 to 64 characters."""
  chairId: ID!

  """Its name. At most 1,000 characters."""
  name: String

  """
  Its price. 0 to 10,000,000,000,000 (1,000,000,000,000 for currencies with three decimals, 100,000,000,000 with \
four). At most as many decimals as the currency has.
  """
  price: MoneyInput

  """Its legs. 3 to 5 items."""
  legs: [LegInput!]!

  """Whether it folds."""
  folds: Boolean! = false

  """Its picture. At most 2,000 characters."""
  picture: URL

  """When."""
  madeAt: DateTime

  """
  Its marks. At most 20 entries, with names of at most 50 and values of at most 255 characters.
  """
  marks: JSON

  """How many may sit. At least 1."""
  seats: Int! = 1

  """Its words. At most 3 items. Each: 1 to 9 characters."""
  words: [String!]! = []
}'''


def test_an_input_says_what_its_command_says() -> None:
    input_type = input_of(MakeChair)
    assert input_of(MakeChair) is input_type

    @strawberry.type
    class Query:
        chairs: int

    made = strawberry.Schema(query=Query, types=[input_type], config=StrawberryConfig(scalar_map=SCALARS))
    assert PRINTED in made.as_str()


def test_the_speech_names_fields_as_the_schema_does() -> None:
    core: Any = CORE.type_map["UpdateProductInput"]
    assert WIRE_FORMAT.name("expected_version") in core.fields
    assert client_path(("variants", 0, "image_id")) == ["variants", "0", "imageId"]
    assert client_path(()) is None


def test_a_generic_type_made_concrete_keeps_sources_and_scopes() -> None:
    for name in ("ProductConnection", "CategoryConnection", "ApiKeyConnection", "AuditEntryConnection"):
        core: Any = CORE.type_map[name]
        edges, total = (field_of(core.fields[field]) for field in ("edges", "totalCount"))
        assert isinstance(edges, RowField)
        assert isinstance(edges.source, ComputedSource)
        assert isinstance(total.source, TotalCountSource)
        assert edges.scopes == total.scopes == ()


def test_every_argument_of_a_resolver_is_described() -> None:
    async def silent(context: object, *, id: str) -> None: ...
    async def endless(context: object, *, name: Annotated[str | None, "Its name, of whatever length."]) -> None: ...

    with pytest.raises(TypeError, match="id: annotate it"):
        root(silent, description="")
    with pytest.raises(TypeError, match="name: annotate a text with its rule"):
        root(endless, description="")


def test_enums_are_written_in_upper_case_and_read_as_the_domain_has_them() -> None:
    core: Any = CORE.type_map["ProductStatus"]
    assert set(core.values) == {"ACTIVE", "DRAFT", "ARCHIVED"}
    assert all(isinstance(core.values[name].value, Enum | str) for name in core.values)
    assert core.coerce_output_value("active") == "ACTIVE"


def test_a_field_refuses_who_may_not_see_it_even_when_nobody_looked_before(shop: Shop) -> None:
    """The engine refuses the whole operation beforehand; the field itself is the second wall."""
    nobody = Principal(shop.live.store, frozenset(), "key_1")
    context = Context(nobody, cast("Database", None), "req_test")
    result = execute_sync(CORE, parse("{ products { totalCount } }"), context_value=context)
    (error,) = result.errors or ()
    assert isinstance(error.original_error, Forbidden)
