"""Stripe's published OpenAPI document as the judge of requests and answers.

``openapi.json.gz`` is a pruned copy of it (version 2026-08-26.dahlia, MIT, https://github.com/stripe/openapi): the
paths and schemas of payments without their descriptions. What it does not declare is a violation, in answers too.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).with_name("openapi.json.gz")
_INTEGER = re.compile(r"-?\d+")


class Specification:
    """The document, made strict."""

    def __init__(self) -> None:
        self._document = _strict(orjson.loads(gzip.decompress(DOCUMENT.read_bytes())))
        resource = Resource.from_contents(self._document, default_specification=DRAFT202012)
        self._registry: Any = Registry().with_resource("urn:stripe", resource)
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), operations)
            for path, operations in sorted(self._document["paths"].items(), key=lambda item: "{" in item[0])
        ]

    def request_errors(self, method: str, path: str, params: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
        """What is wrong with a request, and its parameters in the types of the document."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path} is not in the document"], params
        schema = _parameters(operation)
        typed = self._typed(params, schema)
        return self._errors(typed, schema), typed

    def answer_errors(self, method: str, path: str, status: int, answer: Any) -> list[str]:
        """What is wrong with an answer."""
        operation = self._operation(method, path)
        if operation is None:
            return []
        found = operation["responses"].get(str(status)) or operation["responses"]["default"]
        return self._errors(answer, found["content"]["application/json"]["schema"])

    def schema_errors(self, name: str, value: Any) -> list[str]:
        """What is wrong with an object, by the name of its schema."""
        return self._errors(value, {"$ref": f"#/components/schemas/{name}"})

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        found: dict[str, Any] = next((operations for pattern, operations in self._paths if pattern.fullmatch(path)), {})
        return found.get(method.lower())

    def _errors(self, value: Any, schema: dict[str, Any]) -> list[str]:
        absolute = orjson.loads(orjson.dumps(schema).replace(b'"#/', b'"urn:stripe#/'))
        validator = Draft202012Validator(absolute, registry=self._registry)
        return [f"{each.json_path}: {each.message[:300]}" for each in validator.iter_errors(value)]

    def _typed(self, value: Any, schema: dict[str, Any]) -> Any:
        """A value of a form in the type that its schema expects; itself where it has none of that type."""
        if "anyOf" in schema:
            options = [self._typed(value, option) for option in schema["anyOf"]]
            valid = (
                each for each, option in zip(options, schema["anyOf"], strict=True) if not self._errors(each, option)
            )
            return next(valid, options[0])
        kind = schema.get("type")
        if isinstance(value, dict):
            if kind == "array":
                return [self._typed(each, schema.get("items", {})) for each in value.values()]
            properties = schema.get("properties", {})
            return {name: self._typed(each, properties.get(name, {})) for name, each in value.items()}
        if kind == "integer" and isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        if kind == "boolean" and value in ("true", "false"):
            return value == "true"
        return value


@cache
def specification() -> Specification:
    """The document, read once."""
    return Specification()


def nested(pairs: str) -> dict[str, Any]:
    """A form or a query with its brackets resolved: ``a[b][0]=c`` is ``{"a": {"b": {"0": "c"}}}``."""
    return nest(parse_qsl(pairs, keep_blank_values=True, strict_parsing=bool(pairs)))


def nest(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """As ``nested``, of pairs that were read already."""
    whole: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = re.findall(r"[^\[\]]+", name)
        target = whole
        for part in path:
            target = target.setdefault(part, {})
        target[last] = value
    return whole


def _parameters(operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    for content in body.values():
        if content["schema"].get("properties"):
            return dict(content["schema"])
    query = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    return {
        "type": "object",
        "properties": {each["name"]: each["schema"] for each in query},
        "required": [each["name"] for each in query if each.get("required")],
        "additionalProperties": False,
    }


def _strict(schema: Any) -> Any:
    """A schema in which an object has the declared members only, and ``nullable`` means what it does in OpenAPI 3.0."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _strict(each) for name, each in schema.items()}
    if made.get("type") == "object" and isinstance(made.get("properties"), dict) and made["properties"]:
        made.setdefault("additionalProperties", False)
    if made.pop("nullable", None) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made
