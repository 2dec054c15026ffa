"""The scopes that a caller needs for an operation that a job executes, and for what comes of it."""

from __future__ import annotations

from dataclasses import replace

from graphql import GraphQLSchema, TypeInfo, TypeInfoVisitor, Visitor, visit

from domain.kernel.principal import SCOPES, Principal
from gateway.execution import Operation
from resolvers.sources import PermittedSource
from schema.strawberry_internals import field_of


def needed_scopes(schema: GraphQLSchema, operation: Operation, principal: Principal) -> tuple[str, ...]:
    """Of each group of scopes the one that the caller has. Where a list would show less to a caller who has no more
    than these, the result depends on all scopes of the caller: then it is all of them. Raises Forbidden.
    """
    needed = set()
    for group in filter(None, operation.scopes):
        held = [scope for scope in group if principal.has_scope(scope)]
        if not held:
            raise principal.lacks(*group, purpose=f", which the {operation.kind} requires")
        needed.add(held[0])
    info = TypeInfo(schema)
    visitor = _ViewerDependence(info, replace(principal, scopes=frozenset(needed)))
    visit(operation.document, TypeInfoVisitor(info, visitor))
    if visitor.found:
        needed.update(scope for scope in SCOPES if principal.has_scope(scope))
    return tuple(sorted(needed))


class _ViewerDependence(Visitor):
    """Finds fields of which a viewer is shown only a part."""

    def __init__(self, info: TypeInfo, viewer: Principal) -> None:
        super().__init__()
        self._info = info
        self._viewer = viewer
        self.found = False

    def enter_field(self, *_: object) -> None:
        definition = self._info.get_field_def()
        source = None if definition is None else getattr(field_of(definition), "source", None)
        check_filters = getattr(source, "check_filters", None)
        narrows = check_filters is not None and bool(check_filters(self._viewer, {}))
        self.found = self.found or isinstance(source, PermittedSource) or narrows
