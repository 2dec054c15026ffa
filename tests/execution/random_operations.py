"""Random operations made from the schema: every type, argument and directive there is or will be.

Most are valid; those that validation refuses are made anew. Values come from a pool of ids that exist, are missing,
or never could, so that answers hold rows, nulls and errors.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from schema.relay import Node

PREFIXES = {name: f"{prefix}_" for prefix, name in Node.PREFIXES.items()} | {"Inventory": "prod_"}
"""How the ids of a type begin."""
NESTED = 5
"""Fields within fields."""
ANYTHING: Mapping[str, Sequence[Any]] = {
    "String": ("", "red", "MUG", "tea", "\x00", "x" * 300, "jane@example.com", "example.com"),
    "Int": (0, 1, 2, 3, 50, 200, 201, -1),
    "Boolean": (True, False),
    "DateTime": ("2026-01-01T00:00:00Z", "2020-01-01T12:30:00.123+02:00", "2100-01-01T00:00:00Z"),
    "Decimal": ("1.00", "19.99", 5, "0.001"),
    "Base64": ("JVBERi0xLjcK", "", "TWluZQ"),
    "BigInt": (0, 1, 2**40),
    "Currency": ("GBP", "usd"),
    "JSON": ({}, {"a": [1, 2.5, None]}, "x"),
    "URL": ("https://images.example.com/1.jpg",),
    "Cursor": ("", "1", "x"),
}

ROOTS = (
    *("product", "products", "order", "orders", "customer", "customers", "category", "warehouse", "draftOrder"),
    *("variant", "inventoryLevels", "inventoryAlerts", "purchaseOrders", "draftOrders", "apiKeys"),
)
NOT_PLAIN = frozenset({"events", "movements"})
"""Fields that are read and written here, wherever they are."""


@dataclass(slots=True)
class Made:
    """An operation and its variables."""

    text: str
    variables: dict[str, Any]


@dataclass(slots=True)
class Maker:
    """Makes operations over a pool of ids and cursors."""

    schema: GraphQLSchema
    chance: random.Random
    ids: Sequence[str]
    cursors: Sequence[str] = ()
    without: frozenset[str] = frozenset()
    """Fields that are not asked for."""
    _variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    _fragments: list[str] = field(default_factory=list)
    _names: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def query(self) -> Made:
        """A query of some root fields."""
        return self._operation("query", self.schema.query_type, self.chance.randint(1, 3))

    def plain(self) -> Made:
        """A query of one row or one list, which is mostly plain enough for the database to write."""
        assert self.schema.query_type is not None
        self.without |= NOT_PLAIN
        name = self.chance.choice(ROOTS)
        return self._text("query", f"{{ {self._field(self.schema.query_type, name, 0)} }}")

    def subscription(self) -> Made:
        """A subscription, without arguments: what is to come is then the same for everybody."""
        assert self.schema.subscription_type is not None
        name, field = self.chance.choice(list(self.schema.subscription_type.fields.items()))
        return self._text("subscription", f"{{ {name} {self._selection(get_named_type(field.type), 1)} }}")

    def mutation(self) -> Made:
        """Some mutations, most of them of what cannot be."""
        return self._operation("mutation", self.schema.mutation_type, self.chance.randint(1, 2))

    def payload(self, name: str, given: Mapping[str, Any]) -> Made:
        """A mutation of what can be, asked for anything that its payload has."""
        assert self.schema.mutation_type is not None
        field = self.schema.mutation_type.fields[name]
        wanted = self._selection(get_named_type(field.type), 1)
        value = self._variable(str(field.args["input"].type), given)
        return self._text("mutation", f"{{ {name}(input: ${value}) {wanted} }}")

    def _operation(self, kind: str, root: GraphQLObjectType | None, count: int) -> Made:
        assert root is not None
        names = self.chance.choices(list(root.fields), k=count)
        parts = [self._field(root, name, 0, alias=count > 1) for name in names]
        if kind == "query" and self.chance.random() < 0.2:
            parts.append("__typename")
        return self._text(kind, f"{{ {' '.join(parts)} }}")

    def _text(self, kind: str, body: str) -> Made:
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self._variables.items())
        head = f"{kind} Judged({declared})" if declared else f"{kind} Judged"
        text = "\n".join([f"{head} {body}", *self._fragments])
        values = {name: value for name, (_, value) in self._variables.items() if value is not ...}
        self._variables, self._fragments = {}, []
        return Made(text, values)

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        parts: list[str] = []
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            names = [name for name in type_.fields if name not in self.without]
            leaves = [name for name in names if is_leaf_type(get_named_type(type_.fields[name].type))]
            others = [name for name in names if name not in leaves]
            chosen = self.chance.sample(leaves, min(len(leaves), self.chance.randint(1, 4)))
            if others and depth < NESTED:
                chosen += self.chance.choices(others, k=self.chance.randint(1, 2))
            parts += [self._field(type_, name, depth) for name in chosen]
        if self.chance.random() < 0.25:
            parts.append("__typename")
        if is_abstract_type(type_):
            types = list(self.schema.get_possible_types(type_))
            for each in self.chance.sample(types, min(len(types), 4)):
                parts.append(f"... on {each.name} {self._selection(each, depth + 1)}")
        self.chance.shuffle(parts)
        if len(parts) > 1 and self.chance.random() < 0.3:
            parts = self._split(type_, parts)
        return f"{{ {' '.join(parts) or '__typename'} }}"

    def _split(self, type_: GraphQLNamedType, parts: list[str]) -> list[str]:
        """Some of a selection in a fragment; now and then spread twice, to be merged."""
        place = self.chance.randint(1, len(parts) - 1)
        kept, moved = parts[:place], " ".join(parts[place:])
        if self.chance.random() < 0.4:
            return [*kept, f"... on {type_.name} {self._switch()} {{ {moved} }}", *(kept[:1])]
        name = f"Part{next(self._names)}"
        self._fragments.append(f"fragment {name} on {type_.name} {{ {moved} }}")
        spread = f"...{name} {self._switch()}"
        return [*kept, spread, spread] if self.chance.random() < 0.2 else [*kept, spread]

    def _field(
        self, type_: GraphQLObjectType | GraphQLInterfaceType, name: str, depth: int, *, alias: bool = False
    ) -> str:
        definition: GraphQLField = type_.fields[name]
        inner, given = get_named_type(definition.type), self._given(definition)
        arguments = ", ".join(f"{key}: {self._argument(key, each, inner)}" for key, each in given)
        called = f"a{next(self._names)}: " if alias or definition.args or self.chance.random() < 0.1 else ""
        below = "" if is_leaf_type(inner) else self._selection(inner, depth + 1)
        return f"{called}{name}{f'({arguments})' if arguments else ''} {self._switch()} {below}".strip()

    def _switch(self) -> str:
        if self.chance.random() > 0.06:
            return ""
        word, value = self.chance.choice(("skip", "include")), self.chance.random() < 0.5
        if self.chance.random() < 0.5:
            return f"@{word}(if: {str(value).lower()})"
        if self.chance.random() < 0.5:
            return f"@{word}(if: ${self._variable('Boolean!', value)})"
        # Null is a request error wherever the field is reached; so it is left out of most operations.
        sent = self.chance.choice((value, value, ..., None))
        return f"@{word}(if: ${self._variable('Boolean = true', sent)})"

    def _given(self, definition: GraphQLField) -> list[tuple[str, GraphQLArgument]]:
        """Some arguments; mostly of those that go together."""
        arguments = list(definition.args.items())
        if self.chance.random() < 0.1:
            return [each for each in arguments if is_non_null_type(each[1].type) or self.chance.random() < 0.3]
        left_out = {"last", "before"} if self.chance.random() < 0.7 else {"first", "after"}
        if self.chance.random() < 0.7:
            left_out |= {"after", "before"}
        if {"id", "sku"} <= set(definition.args) or {"id", "slug"} <= set(definition.args):
            left_out |= {"sku", "slug"}
        return [
            (name, each)
            for name, each in arguments
            if is_non_null_type(each.type) or name == "id" or (name not in left_out and self.chance.random() < 0.3)
        ]

    def _argument(self, name: str, argument: GraphQLArgument, result: GraphQLNamedType) -> str:
        wanted = PREFIXES.get(result.name, "") if self.chance.random() < 0.8 else ""
        value = self._value(name, argument.type, wanted)
        if self.chance.random() < 0.6:
            return f"${self._variable(str(argument.type), value)}"
        return self._written(argument.type, value)

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{next(self._names)}"
        self._variables[name] = (type_, value)
        return name

    def _value(self, name: str, type_: GraphQLInputType, wanted: str = "") -> Any:
        inner: Any = get_nullable_type(type_)
        if not is_non_null_type(type_) and self.chance.random() < 0.1:
            return None
        if is_list_type(inner):
            return [self._value(name, inner.of_type, wanted) for _ in range(self.chance.randint(0, 3))]
        if is_input_object_type(inner):
            return self._object(inner)
        if isinstance(inner, GraphQLEnumType):
            return self.chance.choice(list(inner.values))
        if inner.name == "ID":
            return self.chance.choice([each for each in self.ids if each.startswith(wanted)] or self.ids)
        if name in ("after", "before") and self.cursors:
            return self.chance.choice([*self.cursors, "nonsense"])
        if name in ("first", "last"):
            return self.chance.choice((0, *(1, 2, 3, 5) * 5, 200, 201, -1))
        return self.chance.choice(ANYTHING[inner.name])

    def _object(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        return {
            name: self._value(name, each.type)
            for name, each in type_.fields.items()
            if is_non_null_type(each.type) or self.chance.random() < 0.2
        }

    def _written(self, type_: GraphQLInputType, value: Any) -> str:
        """A value as it stands in a document."""
        inner: Any = get_nullable_type(type_)
        if value is None:
            return "null"
        if is_list_type(inner):
            return f"[{', '.join(self._written(inner.of_type, item) for item in value)}]"
        if is_input_object_type(inner):
            members = (f"{name}: {self._written(inner.fields[name].type, item)}" for name, item in value.items())
            return f"{{{', '.join(members)}}}"
        if isinstance(inner, GraphQLEnumType):
            return str(value)
        return _literal(value)


def _literal(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return f"{{{', '.join(f'{name}: {_literal(item)}' for name, item in value.items())}}}"
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case str():
            written = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in value)
            return f'"{written}"'
        case None:
            return "null"
    return str(value)
