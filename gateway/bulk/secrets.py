"""Secrets in the responses to mutations: jobs store what is returned, unencrypted, so they must not execute them."""

from __future__ import annotations

from graphql import GraphQLSchema, TypeInfo, TypeInfoVisitor, Visitor, visit

from gateway.execution import Operation
from resolvers.sources import ResultValueSource
from schema.strawberry_internals import field_of


def selects_secret(schema: GraphQLSchema, operation: Operation) -> bool:
    """Whether an operation selects a secret that is returned once."""
    info = TypeInfo(schema)
    visitor = _Secrets(info)
    visit(operation.document, TypeInfoVisitor(info, visitor))
    return visitor.found


class _Secrets(Visitor):
    """Finds fields of secrets."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found = False

    def enter_field(self, *_: object) -> None:
        definition = self._info.get_field_def()
        source = None if definition is None else getattr(field_of(definition), "source", None)
        self.found = self.found or (isinstance(source, ResultValueSource) and source.is_secret)
