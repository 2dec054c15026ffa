"""Validation of a document in bounded time: the rules of the specification, with stricter limits than graphql-core."""

from __future__ import annotations

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ParallelVisitor,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    specified_rules,
    visit,
)
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
        visit(document, TypeInfoVisitor(types, ParallelVisitor([rule(context) for rule in _RULES])))
    except _EnoughError:
        pass
    except ValidationAbortedError:
        return [limit_exceeded("comparisons of fields with one name", MAX_COMPARISONS, None)]
    return [document_failure(error, Code.VALIDATION_FAILED) for error in errors]
