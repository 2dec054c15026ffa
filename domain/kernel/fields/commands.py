"""Commands: dataclasses whose fields have rules, read from the input of a surface."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.kernel.errors import ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields.rules import UNSET, ReadContext, Rule, Unset, WireFormat
from domain.kernel.validation import InvalidValueError

C = TypeVar("C")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NestedObject(Rule):
    """Another command inside this one."""

    shorthand: str | None = None
    """The field that a plain string stands for: REST accepts the URL of an image in place of the image."""
    one_of: bool = False
    """Whether its fields are alternatives, of which exactly one must be set."""
    example_fields: tuple[str, ...] = ()
    """The fields in its example, if it would make no sense with all of them."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Any:
        if self.shorthand is not None and isinstance(value, str):
            value = {reading.wire_format.name(self.shorthand): value}
        if not isinstance(value, Mapping):
            raise InvalidValueError(ErrorCode.INVALID, "Must be an object.")
        if self.one_of:
            self._require_one(base, value, reading)
        return _read_fields(base, value, path, reading)

    def _require_one(self, base: type[Any], value: Mapping[str, Any], reading: ReadContext) -> None:
        names = [reading.wire_format.name(spec.name) for spec in specs(base)]
        if sum(value.get(name) is not None for name in names) != 1:
            raise InvalidValueError(ErrorCode.INVALID, f"Give exactly one of {' and '.join(names)}.")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(Rule):
    """A list whose items follow the rule ``item``."""

    item: Rule
    min: int = 0
    max: int

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise InvalidValueError(ErrorCode.INVALID, "Must be a list.")
        if len(value) < self.min:
            raise InvalidValueError(
                ErrorCode.TOO_SHORT, f"Must have at least {self.min} {'item' if self.min == 1 else 'items'}."
            )
        if len(value) > self.max:
            raise InvalidValueError(ErrorCode.TOO_LONG, f"Must have at most {self.max:,} items, not {len(value):,}.")
        inner = get_args(base)[0]
        items = (_read_one(self.item, item, inner, (*path, index), reading) for index, item in enumerate(value))
        return tuple(item for item in items if item is not UNSET)


class _Read(tuple[Any, ...]):
    """The valid inputs, and the problems of the invalid ones."""

    indexes: tuple[int, ...]
    refused: Mapping[int, tuple[Problem, ...]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Inputs(ListOf):
    """The inputs of a bulk command: a list whose items are validated independently of each other."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise InvalidValueError(ErrorCode.INVALID, "Must be a list.")
        if not self.min <= len(value) <= self.max:
            code = ErrorCode.TOO_SHORT if len(value) < self.min else ErrorCode.TOO_LONG
            raise InvalidValueError(code, f"Must have {self.min} to {self.max} items, not {len(value):,}.")
        found: dict[int, Any] = {}
        refused: dict[int, tuple[Problem, ...]] = {}
        for index, item in enumerate(value):
            alone = ReadContext(reading.wire_format, reading.currency)
            found[index] = _read_one(self.item, item, get_args(base)[0], (*path, index), alone)
            if alone.problems:
                refused[index] = tuple(alone.problems)
                del found[index]
        read = _Read(found.values())
        read.indexes, read.refused = tuple(found), refused
        return read

    @staticmethod
    def indexes_of(inputs: Sequence[Any]) -> Sequence[int]:
        """The index of each input in the list as it was sent."""
        return inputs.indexes if isinstance(inputs, _Read) else range(len(inputs))

    @staticmethod
    def refused_of(inputs: Sequence[Any]) -> Mapping[int, tuple[Problem, ...]]:
        """The problems of the invalid inputs, by index."""
        return inputs.refused if isinstance(inputs, _Read) else {}


@dataclasses.dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field as the generators and the reader see it."""

    name: str
    rule: Rule
    base: Any
    """The Python type without None and Unset."""
    nullable: bool
    required: bool
    default: Any


_SPECS: dict[type[Any], tuple[FieldSpec, ...]] = {}


def specs(command: type[Any]) -> tuple[FieldSpec, ...]:
    """The fields of a command, in the order they are written."""
    if command not in _SPECS:
        hints = get_type_hints(command, include_extras=True)
        _SPECS[command] = tuple(_spec(field, hints[field.name]) for field in dataclasses.fields(command))
    return _SPECS[command]


def read_command(command: type[C], sent: Mapping[str, Any], wire_format: WireFormat, currency: str) -> C:
    """Read the fields of ``sent`` as a command.

    Raises ValidationFailed with every problem found: unknown and missing fields, nulls, limits.
    """
    reading = ReadContext(wire_format, currency)
    result = _read_fields(command, sent, (), reading)
    if reading.problems:
        raise ValidationFailed(reading.problems)
    return result  # type: ignore[no-any-return]  # problems are empty, so it is a C


def _read_fields(command: type[Any], sent: Mapping[str, Any], path: Path, reading: ReadContext) -> Any:
    found: dict[str, Any] = {}
    before = len(reading.problems)
    by_name = _by_name(command, reading.wire_format)
    for name in sent:
        if name not in by_name:
            reading.refuse_unknown((*path, str(name)), "field", by_name)
    for name, spec in by_name.items():
        if name in sent and not _is_absent(spec, sent[name], reading.wire_format):
            found[spec.name] = _read_nullable(spec, sent[name], (*path, spec.name), reading)
        elif spec.required:
            reading.problems.append(Problem((*path, spec.name), ErrorCode.REQUIRED, "This field is required."))
    return UNSET if len(reading.problems) > before else command(**found)


_BY_NAME: dict[tuple[type[Any], type[WireFormat]], dict[str, FieldSpec]] = {}


def _by_name(command: type[Any], wire_format: WireFormat) -> dict[str, FieldSpec]:
    """The fields of a command by their names on the wire."""
    key = (command, type(wire_format))
    if key not in _BY_NAME:
        _BY_NAME[key] = {wire_format.name(spec.name): spec for spec in specs(command)}
    return _BY_NAME[key]


def _is_absent(spec: FieldSpec, value: Any, wire_format: WireFormat) -> bool:
    """Whether the sent null means the same as an omitted field."""
    return value is None and wire_format.null_is_absent and not spec.nullable and not spec.required


def _read_nullable(spec: FieldSpec, value: Any, path: Path, reading: ReadContext) -> Any:
    if value is not None:
        return _read_one(spec.rule, value, spec.base, path, reading)
    if not spec.nullable:
        message = "Must not be null." if spec.required else "Must not be null. Omit the field instead."
        reading.problems.append(Problem(path, ErrorCode.NULL_NOT_ALLOWED, message))
    return None


def _read_one(rule: Rule, value: Any, base: Any, path: Path, reading: ReadContext) -> Any:
    try:
        return rule.read(value, base, path, reading)
    except InvalidValueError as refused:
        reading.problems.append(Problem(path, refused.code, refused.message))
        return UNSET


def _spec(field: dataclasses.Field[Any], hint: Any) -> FieldSpec:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"{field.name}: a command's fields are Annotated with a rule")
    annotated, rule = get_args(hint)
    options = get_args(annotated) if get_origin(annotated) in (Union, UnionType) else (annotated,)
    (base,) = (option for option in options if option not in (type(None), Unset))
    required = field.default is dataclasses.MISSING
    return FieldSpec(
        name=field.name,
        rule=rule,
        base=base,
        nullable=type(None) in options,
        required=required,
        default=UNSET if required else field.default,
    )
