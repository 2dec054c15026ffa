"""Query parameters, which follow the same rules as the fields of commands, and ids in the path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from domain.kernel.errors import ErrorCode, MalformedRequest, NotFound, Path, Problem
from domain.kernel.fields import Amount, Boolean, FieldSpec, Integer, ListOf, MinorAmount, ReadContext, Rule, Text
from domain.kernel.fields.suggestions import unknown_word
from domain.kernel.ids import is_id
from domain.kernel.validation import InvalidValueError, is_storable, is_visible
from rest_compat.endpoint import Endpoint
from rest_compat.objects import PathId
from rest_compat.wire_format import WIRE_FORMAT

_AMOUNT = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,19})?")
_WHOLE = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword(Rule):
    """One of a list of keywords."""

    words: tuple[str, ...]

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> str:
        """The keyword. Raises InvalidValueError."""
        if value not in self.words:
            raise InvalidValueError(ErrorCode.INVALID, unknown_word(str(path[-1]), value, self.words))
        return str(value)


def read_parameters(fields: Sequence[FieldSpec], request: Request, currency: str) -> dict[str, Any]:
    """The parameters of the request, by name. A list is separated by commas, by repeating its name, or by both.

    Raises MalformedRequest, naming every parameter that is unknown, repeated without being a list, or invalid.
    """
    reading = ReadContext(WIRE_FORMAT, currency)
    known = {spec.name: spec for spec in fields}
    given: dict[str, list[str]] = {}
    for name, text in request.query_params.multi_items():
        given.setdefault(name, []).append(text)
    found: dict[str, Any] = {}
    for name, texts in given.items():
        if name not in known:
            reading.refuse_unknown((name,), "query parameter", known)
        elif len(texts) > 1 and not isinstance(known[name].rule, ListOf):
            reading.problems.append(Problem((name,), ErrorCode.DUPLICATE, "Must be given only once."))
        else:
            found[name] = _read(known[name], ",".join(texts), reading)
    if reading.problems:
        raise MalformedRequest.naming(
            [Problem(problem.path[:1], problem.code, problem.message) for problem in reading.problems]
        )
    return found


def read_ids(endpoint: Endpoint, request: Request) -> dict[str, str]:
    """The ids in the path, by parameter name. Raises NotFound for an invalid id."""
    found: dict[str, str] = {}
    for name, kind in endpoint.ids.items():
        text = request.path_params[name]
        if not (_may_name(text, kind) if kind.otherwise else is_id(kind.prefix, text)):
            raise NotFound(kind.noun)
        found[name] = text
    return found


def _may_name(text: str, kind: PathId) -> bool:
    return len(text) <= kind.longest and is_storable(text) and is_visible(text)


def _read(spec: FieldSpec, text: str, reading: ReadContext) -> Any:
    try:
        if isinstance(spec.rule, Text) and len(text) > spec.rule.max:  # as documented: blanks around it count
            raise InvalidValueError(
                ErrorCode.TOO_LONG, f"Must have at most {spec.rule.max:,} characters, not {len(text):,}."
            )
        return spec.rule.read(_value(spec.rule, text), spec.base, (spec.name,), reading)
    except InvalidValueError as refused:
        reading.problems.append(Problem((spec.name,), refused.code, refused.message))
        return None


def _value(rule: Rule, text: str) -> Any:
    """The text as a JSON type. Text that cannot be converted stays text and is refused by its rule."""
    if isinstance(rule, Integer | MinorAmount):
        return int(text) if _WHOLE.fullmatch(text) else text
    if isinstance(rule, Amount):
        return Decimal(text) if _AMOUNT.fullmatch(text) else text
    if isinstance(rule, Boolean):
        return {"true": True, "false": False}.get(text, text)
    if isinstance(rule, ListOf):
        return [_value(rule.item, part) for part in text.split(",")]
    return text
