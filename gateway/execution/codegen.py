"""Code generation: Python written for one plan, which builds the response from the loaded values.

Every row becomes a dict literal whose values are checked. A value that does not fit its type raises; graphql-core then
determines the error and its path.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter
from typing import Any

import orjson
from graphql import GraphQLEnumType, GraphQLNamedType, GraphQLScalarType, is_leaf_type

from domain.kernel.sql.executor import document_text
from gateway.execution.graphql_internals import is_written_as_it_is, names_of
from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection, TypeShape
from gateway.execution.plan_loader import LoadedTables

Assemble = Callable[[Any, LoadedTables], Any]
"""The value of one root field, of the root row and of what was loaded. Raises when a value does not fit its type."""

_CHECKS = {
    "String": "{0}.__class__ is not str",
    "ID": "{0}.__class__ is not str",
    "Boolean": "{0} is not True and {0} is not False",
    "Int": "{0}.__class__ is not int or not -2147483648 <= {0} <= 2147483647",
}
"""The condition under which a value must be converted for JSON."""


class UnexpectedValueError(Exception):
    """A value does not fit its type."""


def compile_plan(plan: QueryPlan) -> dict[str, Assemble]:
    """A function for each root field, by response key."""
    return {field.key: _CodeWriter(plan).function(field) for field in plan.selection.fields}


def source_of(plan: QueryPlan) -> str:
    """The Python that is written for a plan, to be read by people."""
    writers = [_CodeWriter(plan) for _ in plan.selection.fields]
    return "\n\n".join(writer.text(field) for writer, field in zip(writers, plan.selection.fields, strict=True))


class _CodeWriter:
    """Writes the function of one root field."""

    def __init__(self, plan: QueryPlan) -> None:
        self._plan = plan
        self._lines: list[str] = []
        self._indent = 1
        self._count = 0
        self._known: dict[str, Any] = {"Unforeseen": UnexpectedValueError}

    def function(self, field: Field) -> Assemble:
        """Compiled, and ready to be called."""
        exec(compile(self.text(field), f"<plan of {field.key}>", "exec"), self._known)  # noqa: S102 - our own text
        made: Assemble = self._known["assemble"]
        return made

    def text(self, field: Field) -> str:
        """As Python."""
        for slot in reversed(_slots_of(self._plan, field)):
            self._table(slot)
        value = self._value(field, "row")
        head = ["def assemble(row, loaded):", "    tables = loaded.tables"]
        return "\n".join([*head, *self._lines, f"    return {value}", ""])

    def _table(self, field: Field) -> None:
        """All values of a loaded field, written: what leads to it finds them there."""
        self._line(f"t{field.slot} = {{}}")
        key, value = self._name("k"), self._name("v")
        with self._block(f"for {key}, {value} in (tables[{field.slot}] or {{}}).items():"):
            self._line(f"t{field.slot}[{key}] = {self._shaped(field, field.shape, value)}")

    def _value(self, field: Field, row: str) -> str:
        """An expression of the field's value, written."""
        match field.way:
            case FieldKind.TYPENAME:
                return repr(field.name)
            case FieldKind.BY_COLUMN:
                value = self._assign(f"{row}.{field.name}")
                if field.shape.nullable:
                    return f"(None if {value} is None else t{field.slot}[{value}])"
                return f"t{field.slot}[{value}]"
            case _ if field.slot is not None:
                return f"t{field.slot}[id({row})]"
            case FieldKind.FUNCTION if _is_plain(field):
                return self._plain(field, row)
            case FieldKind.FUNCTION:
                return self._shaped(field, field.shape, self._assign(f"{self._function(field.function)}({row})"))
            case FieldKind.ATTRIBUTE if field.type.name == "JSON" and field.shape.item is None:
                document = self._global("document_of", document_of)
                return self._shaped(field, field.shape, self._assign(f"{document}({row}, {field.name!r})"))
            case FieldKind.EVENT:
                return self._shaped(field, field.shape, row)
            case _:
                return self._shaped(field, field.shape, self._assign(f"{row}.{field.name}"))

    def _plain(self, field: Field, row: str) -> str:
        """An object whose members are columns of its row, so that the row needs no conversion."""
        (selection,) = field.selections.values()
        columns = field.function.plain  # type: ignore[union-attr]  # the definition of a plain object
        first = self._assign(f"{row}.{next(iter(columns.values()))}")
        made = self._name("x")
        with self._block(f"if {first} is None:"):
            self._line(f"{made} = None" if field.shape.nullable else f"raise Unforeseen({field.key!r})")
        with self._block("else:"):
            shown = tuple(replace(each, name=columns.get(each.name, each.name)) for each in selection.fields)
            self._line(f"{made} = {self._object(replace(selection, fields=shown), row)}")
        return made

    def _shaped(self, field: Field, shape: TypeShape, value: str) -> str:
        """An expression for ``value`` in its type, after the lines that check and convert it."""
        if shape.nullable:
            made = self._name("x")
            with self._block(f"if {value} is None:"):
                self._line(f"{made} = None")
            with self._block("else:"):
                self._line(f"{made} = {self._present(field, shape, value)}")
            return made
        self._refuse(f"{value} is None", field)
        return self._present(field, shape, value)

    def _present(self, field: Field, shape: TypeShape, value: str) -> str:
        """As ``_shaped``, of a value that is not None."""
        if shape.item is not None:
            return self._list(field, shape.item, value)
        if field.written:
            return f"{self._global('Written', orjson.Fragment)}({value}.{field.written})"
        if is_leaf_type(field.type):
            return self._leaf(field.type, value)
        if not field.abstract:
            (selection,) = field.selections.values()
            return self._object(selection, value)
        return self._typed(field, value)

    def _list(self, field: Field, item: TypeShape, value: str) -> str:
        items, each = self._name("l"), self._name("r")
        self._refuse(f"{value}.__class__ is not list and {value}.__class__ is not tuple", field)
        if field.written:
            return f"{self._global('written', _written)}({value}, {field.written!r})"
        self._line(f"{items} = []")
        with self._block(f"for {each} in {value}:"):
            self._line(f"{items}.append({self._shaped(field, item, each)})")
        return items

    def _written_or_object(self, selection: Selection, row: str) -> str:
        if selection.written:
            return f"{self._global('Written', orjson.Fragment)}({row}.{selection.written})"
        return self._object(selection, row)

    def _object(self, selection: Selection, row: str) -> str:
        members = [f"{field.key!r}: {self._value(field, row)}" for field in selection.fields]
        made = self._name("o")
        self._line(f"{made} = {{{', '.join(members)}}}")
        return made

    def _typed(self, field: Field, row: str) -> str:
        """An object that determines its own type."""
        kind, made = self._name("n"), self._name("x")
        resolve = self._function(field.type.resolve_type)  # type: ignore[attr-defined]  # an abstract type
        self._line(f"{kind} = {resolve}({row}, None, None)")
        word = "if"
        for name, selection in field.selections.items():
            with self._block(f"{word} {kind} == {name!r}:"):
                self._line(f"{made} = {self._written_or_object(selection, row)}")
            word = "elif"
        with self._block("else:"):
            self._line(f"raise Unforeseen({field.key!r})")
        return made

    def _leaf(self, type_: GraphQLNamedType, value: str) -> str:
        if isinstance(type_, GraphQLEnumType):
            return f"{self._global(f'names_of_{type_.name}', names_of(type_))}[{value}]"
        assert isinstance(type_, GraphQLScalarType)  # noqa: S101 - leaves are enums and scalars
        if is_written_as_it_is(type_):
            return value
        write = self._global(f"write_{type_.name}", _writing(type_))
        if type_.name not in _CHECKS:
            return f"{write}({value})"
        with self._block(f"if {_CHECKS[type_.name].format(value)}:"):
            self._line(f"{value} = {write}({value})")
        return value

    def _assign(self, expression: str) -> str:
        name = self._name("v")
        self._line(f"{name} = {expression}")
        return name

    def _name(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _global(self, name: str, value: Any) -> str:
        self._known.setdefault(name, value)
        return name

    def _function(self, function: Any) -> str:
        """The name of a function of the domain's or the schema's."""
        for name, known in self._known.items():
            if known is function:
                return name
        return self._global(f"f{len(self._known)}", function)

    def _refuse(self, condition: str, field: Field) -> None:
        with self._block(f"if {condition}:"):
            self._line(f"raise Unforeseen({field.key!r})")

    def _line(self, text: str) -> None:
        self._lines.append(" " * 4 * self._indent + text)

    @contextmanager
    def _block(self, head: str) -> Generator[None]:
        self._line(head)
        self._indent += 1
        yield
        self._indent -= 1


def _is_plain(field: Field) -> bool:
    """Whether the function's value shows nothing but columns of the row, as they are."""
    columns = getattr(field.function, "plain", None)
    if columns is None:
        return False
    (selection,) = field.selections.values()
    return all(each.way is FieldKind.TYPENAME or each.name in columns for each in selection.fields)


def _slots_of(plan: QueryPlan, root: Field) -> Sequence[Field]:
    """The loaded fields at and below a root field, each before those below it."""
    return [slot for slot in plan.slots if slot.steps[0] == root.steps[0]]


def document_of(row: Any, column: str) -> Any:
    """JSON in a column, as the text from the database: it is not decoded to be written."""
    text = document_text(row, column)
    return getattr(row, column) if text is None else orjson.Fragment(text)


def _written(rows: Sequence[Any], column: str) -> orjson.Fragment:
    """A list of objects that the database has written. Raises TypeError where one is missing."""
    return orjson.Fragment(f"[{','.join(map(attrgetter(column), rows))}]")


def _writing(type_: GraphQLScalarType) -> Callable[[Any], Any]:
    def write(value: Any) -> Any:
        written = None if value is None else type_.coerce_output_value(value)
        if written is None:
            raise UnexpectedValueError(type_.name)
        return written

    return write
