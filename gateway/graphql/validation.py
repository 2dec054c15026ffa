"""Validation of a document in bounded time: the rules of the specification, with stricter limits than graphql-core."""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import (
    BREAK,
    SKIP,
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OverlappingFieldsCanBeMergedRule,
    ParallelVisitor,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    specified_rules,
    visit,
)
from graphql.language.visitor import EnterLeaveVisitor
from graphql.validation.validate import ValidationAbortedError

from gateway.execution import Code, Failure
from gateway.execution.failures import document_failure, limit_exceeded
from gateway.graphql.outbound_rule import SoleOutboundFieldRule

MAX_COMPARISONS = 10_000
"""Steps of the one rule whose work grows with the square of the document: about 25 ms. Its own bound is 500,000."""
HELPED = 5_000
"""Characters of a document that gets all the help there is: guesses at what a misspelt name may have meant, and many
errors at once. Both cost time that grows with the document, up to 30 ms an error (some print what they are about)."""
ERRORS_HELPED = 50
ERRORS = 1


class _BoundedOverlapRule(OverlappingFieldsCanBeMergedRule):
    """Checks that fields of one name can be merged, with at most COMPARISONS comparisons."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_COMPARISONS


_RULES = (
    *(_BoundedOverlapRule if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules),
    SoleOutboundFieldRule,
)


@cache
def _handlers(kind: str) -> tuple[tuple[int, str | None, str | None], ...]:
    """The rules that look at nodes of a kind, by their places, and their methods that do."""
    found = ((place, _method(rule, "enter", kind), _method(rule, "leave", kind)) for place, rule in enumerate(_RULES))
    return tuple(each for each in found if each[1] or each[2])


def _method(rule: type[ASTValidationRule], step: str, kind: str) -> str | None:
    """The name of the method that a rule has for a step; None where it has none."""
    return next((name for name in (f"{step}_{kind}", step) if hasattr(rule, name)), None)


class _RulesVisitor(ParallelVisitor):
    """Applies the rules at once, as its base does, which asks each of them at every node and looks their methods up
    anew for every document: that took two thirds of a validation.
    """

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        """The methods for nodes of a kind, of the rules that have any."""
        known = self.enter_leave_map.get(kind)
        if known is None:
            known = self.enter_leave_map[kind] = self._for_kind(kind)
        return known

    def _for_kind(self, kind: str) -> EnterLeaveVisitor:
        rules: list[Any] = list(self.visitors)
        methods = [
            (place, enter and getattr(rules[place], enter), leave and getattr(rules[place], leave))
            for place, enter, leave in _handlers(kind)
        ]
        if not methods:
            return EnterLeaveVisitor(None, None)
        skipping = self.skipping

        def enter(node: Node, *args: Any) -> None:
            for place, method, _ in methods:
                if not skipping[place] and method:
                    told = method(node, *args)
                    if told is not None:
                        skipping[place] = _skipped(told, node)

        def leave(node: Node, *args: Any) -> None:
            for place, _, method in methods:
                if skipping[place] is node:
                    skipping[place] = None
                elif method and not skipping[place] and method(node, *args) in (BREAK, True):
                    skipping[place] = BREAK

        return EnterLeaveVisitor(enter, leave)


def _skipped(told: Any, node: Node) -> Any:
    """What a rule skips after ``enter``: the node, or all that is left.

    Raises TypeError for an edit of the document: rules make none.
    """
    if told is SKIP or told is False:
        return node
    if told is BREAK or told is True:
        return BREAK
    raise TypeError(f"a rule has answered {told!r}")


class _EnoughError(Exception):
    """The maximum number of errors that are reported."""


class _Errors(list[GraphQLError]):
    """The errors. graphql-core's own ``validate`` would search for one more than it reports."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def found(self, error: GraphQLError) -> None:
        """Adds an error. Raises _EnoughError at the last one that is reported."""
        self.append(error)
        if len(self) == self._most:
            raise _EnoughError


def validate_document(schema: GraphQLSchema, document: DocumentNode, length: int) -> list[Failure]:
    """The errors of a document of ``length`` characters, whose nesting is within its limit."""
    helped = length <= HELPED
    errors = _Errors(ERRORS_HELPED if helped else ERRORS)
    types = TypeInfo(schema)
    context = ValidationContext(schema, document, types, errors.found, not helped)
    try:
        visit(document, TypeInfoVisitor(types, _RulesVisitor([rule(context) for rule in _RULES])))
    except _EnoughError:
        pass
    except ValidationAbortedError:
        return [limit_exceeded("comparisons of fields with one name", MAX_COMPARISONS, None)]
    return [document_failure(error, Code.VALIDATION_FAILED) for error in errors]
