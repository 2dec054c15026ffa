"""Validating a document in bounded time: the rules of the specification, with less patience than graphql-core has."""

from __future__ import annotations

from graphql import (
    DocumentNode,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from gateway.execution import Code, Failure
from gateway.execution.failures import of_document
from gateway.graphql.limits import too_much

COMPARISONS = 20_000
"""Steps of the one rule whose work grows with the square of the document: about 50 ms. Its own bound is 500,000."""
HELPED = 5_000
"""Characters of a document that gets all the help there is: guesses at what a misspelt name may have meant, and many
errors at once. Both cost time that grows with the document, up to 20 ms an error."""
ERRORS_HELPED = 50
ERRORS = 5


class _ImpatientOverlap(OverlappingFieldsCanBeMergedRule):
    """Do fields of one name ask for one thing? Looked into for no more than COMPARISONS."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = COMPARISONS


_RULES = tuple(_ImpatientOverlap if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)


def faults(schema: GraphQLSchema, document: DocumentNode, length: int) -> list[Failure]:
    """What is wrong with a document of ``length`` characters."""
    helped = length <= HELPED
    most = ERRORS_HELPED if helped else ERRORS
    errors = validate(schema, document, _RULES, max_errors=most, hide_suggestions=not helped)
    if errors and isinstance(errors[-1], ValidationAbortedError) and len(errors) <= most:
        return [too_much("comparisons of fields with one name", COMPARISONS, None)]
    return [of_document(error, Code.VALIDATION_FAILED) for error in errors]
