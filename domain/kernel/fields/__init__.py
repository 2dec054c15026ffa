"""Fields of commands: their limits and their meaning, written once.

A command is a frozen dataclass whose fields are ``Annotated[type, Rule]``. From these rules ``read_command`` validates
the input of either surface, and the GraphQL inputs and the OpenAPI bodies are generated. The Python type defines the
shape (``str``, ``int``, ``bool``, ``Money``, a ``StrEnum``, ``tuple[X, ...]``, another command); ``| None`` allows
null, ``| Unset`` (with ``UNSET`` as default) allows omission.
"""

from domain.kernel.fields.amounts import Amount, MinorAmount
from domain.kernel.fields.commands import FieldSpec, Inputs, ListOf, NestedObject, read_command, specs
from domain.kernel.fields.contact import Country, Email, Phone
from domain.kernel.fields.encoded_bytes import Base64
from domain.kernel.fields.json_rules import Attributes, Metadata, merge_metadata
from domain.kernel.fields.limits import describe_limits, describe_limits_without_keyword
from domain.kernel.fields.ranges import DateBound, clean_range_end, refuse_reversed
from domain.kernel.fields.rules import (
    UNSET,
    Boolean,
    Choice,
    DateTime,
    FieldLocation,
    Integer,
    Json,
    LookupText,
    Number,
    Percent,
    ReadContext,
    Rule,
    Text,
    Unset,
    Url,
    WireFormat,
)

__all__ = [
    "UNSET",
    "Amount",
    "Attributes",
    "Base64",
    "Boolean",
    "Choice",
    "Country",
    "DateBound",
    "DateTime",
    "Email",
    "FieldLocation",
    "FieldSpec",
    "Inputs",
    "Integer",
    "Json",
    "ListOf",
    "LookupText",
    "Metadata",
    "MinorAmount",
    "NestedObject",
    "Number",
    "Percent",
    "Phone",
    "ReadContext",
    "Rule",
    "Text",
    "Unset",
    "Url",
    "WireFormat",
    "clean_range_end",
    "describe_limits",
    "describe_limits_without_keyword",
    "merge_metadata",
    "read_command",
    "refuse_reversed",
    "specs",
]
