"""JSON Schemas (2020-12) of documents and bodies, generated from the declarations that serialize and validate them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, get_args

from domain.kernel.documents import Document
from domain.kernel.fields import (
    Amount,
    Attributes,
    Boolean,
    Choice,
    Country,
    DateBound,
    DateTime,
    Email,
    FieldSpec,
    Integer,
    Json,
    ListOf,
    Metadata,
    MinorAmount,
    NestedObject,
    Number,
    Percent,
    Phone,
    Rule,
    Text,
    Url,
    describe_limits_without_keyword,
    specs,
)
from domain.kernel.listing.paging import MAX_LIMIT
from domain.kernel.money import MAX_MINOR_UNITS
from rest_compat.command_binding import body_fields
from rest_compat.openapi.member_schemas import described_schema, member_schema, or_null
from rest_compat.parameters import Keyword
from rest_compat.read_only_members import ReadOnlyMembers
from rest_compat.wire_format import WIRE_FORMAT

_STORABLE = r"^[^\x00]*$"
"""NUL is written with two hex digits: the patterns of Go and PHP have no escape of four."""
_NOT_BLANK = r"^[^\x00]*[^\s\x00-\x1f\x7f-\x9f\xad][^\x00]*$"
"""Of the invisible characters, only controls and the soft hyphen are in the pattern: Go and PHP have no escape of four
digits, and the characters themselves cannot be in the source of a program (Go refuses a byte order mark,
JavaScript's regular expressions a line separator); without its flag, PHP would read their bytes as a range.
Descriptions name the rest.
"""
_DAY = (
    r"[1-9][0-9]{3}-(?:02-(?:0[1-9]|[12][0-9])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01]))"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"


class Schemas:
    """The named schemas of one OpenAPI document, collected as they are referred to."""

    def __init__(self) -> None:
        self.named: dict[str, Json] = {}

    def document(self, kind: type[Document]) -> Json:
        """A reference to the schema of a document."""
        name = kind.title()
        if name not in self.named:
            self.named[name] = {}  # reserved, because it may refer to itself
            self.named[name] = self._document(kind)
        return _reference(name)

    def body(
        self,
        command: type[Any],
        mirror: ReadOnlyMembers | None,
        document: type[Document] | None,
        *,
        operation: str | None = None,
    ) -> Json:
        """A reference to the schema of a command as a body, with the members of the document that may be sent back.

        ``operation``: the operation whose body it is; None within another body, where no path gives any of its fields.
        """
        fields = list(specs(command)) if operation is None else body_fields(command)
        name = command.__name__ if len(fields) == len(body_fields(command)) else f"{command.__name__}Input"
        if name not in self.named:
            self.named[name] = {}
            self.named[name] = self._body(command, fields, mirror, document)
        if operation is not None:
            self.named[name]["description"] = f"Body of `{operation}`."
        return _reference(name)

    def list_of(self, kind: type[Document]) -> Json:
        """A reference to ``{"data": [...]}`` of a document: a whole list."""
        return self._envelope(kind, "List", {})

    def page_of(self, kind: type[Document]) -> Json:
        """A reference to a page of a document: one schema for pages by number and by cursor."""
        return self._envelope(kind, "Page", {"pagination": _reference("Pagination")})

    def _envelope(self, kind: type[Document], suffix: str, beside: Json) -> Json:
        item = self.document(kind)
        name = item["$ref"].rpartition("/")[2]
        limit = {"maxItems": MAX_LIMIT} if beside else {}
        self.named[f"{name}{suffix}"] = {
            "type": "object",
            "description": f"A page of {name} objects." if beside else f"A list of {name} objects.",
            "properties": {
                "data": {"type": "array", "items": item, "description": "The objects, in order.", **limit},
                **beside,
            },
            "required": ["data", *beside],
        }
        return _reference(f"{name}{suffix}")

    def event(self, kind: type[Document], area: str, object: type[Document]) -> Json:
        """A reference to the schema of an event of an area, ``data.object`` being the document ``object``."""
        name = f"{area.capitalize()}Event"
        if name not in self.named:
            schema = self._document(kind)
            data = self._document(kind.members["data"].documents[0])
            described = data["properties"]["object"]["description"]
            data["properties"]["object"] = {**self.document(object), "description": described}
            schema["properties"]["data"] = data
            self.named[name] = {**schema, "description": f"An event about an object of type `{area}`."}
        return _reference(name)

    def field(self, spec: FieldSpec, mirror: ReadOnlyMembers | None = None, document: Any = None) -> Json:
        """The schema of one field of a command, with null if it is nullable."""
        schema = self.rule(spec.rule, spec.base, mirror, document)
        schema = or_null(schema) if spec.nullable else schema
        return described_schema(schema, described(spec.rule), _spoken(spec.rule, spec.rule.example))

    def rule(self, rule: Rule, base: Any, mirror: ReadOnlyMembers | None = None, document: Any = None) -> Json:
        """The schema of the values that a rule accepts."""
        if isinstance(rule, NestedObject) and rule.one_of:
            return self._alternatives(base)
        if isinstance(rule, NestedObject):
            part = self.body(base, mirror, document)
            return part if rule.shorthand is None else {"anyOf": [part, self._shorthand(base, rule.shorthand)]}
        if isinstance(rule, ListOf):
            items = self.rule(rule.item, get_args(base)[0], mirror, document)
            return {"type": "array", "items": items, **_bounds("Items", rule.min, rule.max)}
        return _leaf(rule, base)

    def _alternatives(self, command: type[Any]) -> Json:
        """One of several objects with one field each. Each has a name, so that generators create a type for it."""
        prefix = command.__name__.removesuffix("Input")
        found: list[Json] = []
        for spec in body_fields(command):
            name = WIRE_FORMAT.name(spec.name)
            title = f"{prefix}{name.capitalize()}"
            self.named[title] = _object_schema(spec.rule.description, {name: self.field(spec)}, [name])
            found.append(_reference(title))
        self.named[command.__name__] = {"description": inspect.getdoc(command), "oneOf": found}
        return _reference(command.__name__)

    def _shorthand(self, command: type[Any], name: str) -> Json:
        return next(self.field(spec) for spec in body_fields(command) if spec.name == name)

    def _body(
        self,
        command: type[Any],
        fields: list[FieldSpec],
        mirror: ReadOnlyMembers | None,
        document: type[Document] | None,
    ) -> Json:
        shown = {} if document is None else document.members
        parts: Mapping[str, ReadOnlyMembers] = {} if mirror is None else mirror.parts
        properties: dict[str, Json] = {}
        for spec in fields:
            name = WIRE_FORMAT.name(spec.name)
            kind = shown[name].documents[0] if name in parts else None
            properties[name] = self.field(spec, parts.get(name), kind)
        for name in () if mirror is None else (name for name in shown if name in mirror.read_only):
            properties[name] = {**member_schema(shown[name], self.document), "readOnly": True}
        required = [WIRE_FORMAT.name(spec.name) for spec in fields if spec.required]
        return _object_schema(inspect.getdoc(command), properties, required)

    def _document(self, kind: type[Document]) -> Json:
        return {
            "type": "object",
            "description": inspect.getdoc(kind),
            "properties": {name: member_schema(member, self.document) for name, member in kind.members.items()},
            "required": [name for name, member in kind.members.items() if not (member.only_new or member.scopes)],
        }


def described(rule: Rule) -> str:
    """The description of a rule and the limits for which its schema has no keyword."""
    return " ".join(part for part in (rule.description, describe_limits_without_keyword(rule)) if part)


def _leaf(rule: Rule, base: Any) -> Json:
    """The schema of a rule for single values."""
    if isinstance(rule, Text | Url | Country | Email | Phone):
        return {"type": "string", **_text_keywords(rule)}
    if isinstance(rule, Integer | MinorAmount):
        most = MAX_MINOR_UNITS if isinstance(rule, MinorAmount) else rule.max
        return {"type": "integer", "minimum": rule.min, "maximum": most}
    if isinstance(rule, Amount | Percent | Number):
        return {"type": "number", _least_of(rule): 0, "maximum": rule.max}
    if isinstance(rule, DateTime):
        return {"type": "string", "format": "date-time"}
    if isinstance(rule, DateBound):
        # A date or a date-time: one type with a pattern, because generators cannot express a type with two formats.
        return {"type": "string", "pattern": rf"^\s*{_DAY}(?:[Tt ]{_TIME})?\s*$"}
    if isinstance(rule, Boolean):
        return {"type": "boolean"}
    if isinstance(rule, Keyword):
        return {"type": "string", "enum": list(rule.words)}
    if isinstance(rule, Choice):
        return {"type": "string", "enum": [member.value for member in base]}
    return _map(rule)


def _text_keywords(rule: Text | Url | Country | Email | Phone) -> Json:
    """The limits of a text. Patterns allow blanks that are trimmed."""
    if isinstance(rule, Text):
        anything = _NOT_BLANK if rule.min and not rule.exact else _STORABLE
        pattern = anything if rule.pattern is None else _trimmed(rule.pattern)
        form = {} if rule.format is None else {"format": rule.format}
        return {**_bounds("Length", rule.min, rule.max), "pattern": pattern, **form}
    if isinstance(rule, Country):
        return {"pattern": _trimmed(rule.pattern)}
    if isinstance(rule, Url):
        return {**_bounds("Length", 1, rule.max), "pattern": _trimmed(rule.pattern)}
    if isinstance(rule, Email):
        return {**_bounds("Length", 1, rule.max), "format": "email"}
    return {**_bounds("Length", 1, rule.max), "pattern": _NOT_BLANK}


def _least_of(rule: Rule) -> str:
    """The keyword for a least value of zero."""
    return "exclusiveMinimum" if isinstance(rule, Number) and rule.is_positive else "minimum"


def _object_schema(description: str | None, properties: Json, required: list[str]) -> Json:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _trimmed(pattern: str) -> str:
    """A rule's pattern for the whole text, around which blanks are trimmed.

    The rules only exclude blanks, within brackets. Python counts some control characters among them that JSON
    Schema's dialect does not, and NUL is refused everywhere.
    """
    exact = pattern.replace(r"\S", r"[^\s]").replace(r"\s", r"\s\x00\x1c-\x1f\x85")
    return rf"^\s*(?:{exact})\s*$"


def _map(rule: Rule) -> Json:
    if isinstance(rule, Attributes):
        values = {"type": "string", "maxLength": rule.value_max, "pattern": _STORABLE}
    elif isinstance(rule, Metadata):
        values = {}
    else:
        raise TypeError(f"no schema for {rule!r}")
    names = {"minLength": 1, "maxLength": rule.key_max, "pattern": _NOT_BLANK}
    return {"type": "object", "maxProperties": rule.max, "propertyNames": names, "additionalProperties": values}


def _bounds(of: str, low: int, high: int) -> Json:
    return {f"max{of}": high} if low == 0 else {f"min{of}": low, f"max{of}": high}


def _spoken(rule: Rule, example: Any) -> Any:
    """An example as JSON has it; what the rules call 199.99 in text is a number. Only shown, never counted."""
    if isinstance(rule, MinorAmount):
        return rule.minor_example
    return float(example) if isinstance(rule, Amount | Percent | Number) and example is not None else example


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
