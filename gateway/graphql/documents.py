"""Documents, prepared once: parsed, measured, validated, and with the scopes of their fields.

Preparation belongs to the transports, not to the engine: everything that can be refused without an engine is checked
here, and an engine gets only valid operations.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence

from graphql import (
    SKIP,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    VisitorAction,
    parse,
    print_ast,
    visit,
)

from domain.kernel.card_numbers import has_card_number
from domain.kernel.errors import ErrorCode, Problem, ValidationFailed
from gateway.execution import Code, Failure, Operation
from gateway.execution.failures import document_failure, limit_exceeded
from gateway.execution.graphql_internals import declared
from gateway.graphql.limits import (
    INTROSPECTION_FIELDS,
    MAX_DEPTH,
    MAX_DOCUMENT_CHARACTERS,
    MAX_TOKENS,
    check_document,
    more_tokens_than,
)
from gateway.graphql.outbound_rule import has_single_root_field, operation_calls_out, operation_is_buffered
from gateway.graphql.payload_scopes import PayloadScopes, needs_of
from gateway.graphql.validation import validate_document
from schema.public_fields import is_public
from schema.strawberry_internals import field_of

MAX_CACHED_DOCUMENT_CHARACTERS = 1_000_000
"""Characters of cached documents; their syntax trees take some fifty times as much memory."""
MAX_PROBLEMS = 5
"""Maximum errors reported about a document to be registered."""


class RejectedDocumentError(Exception):
    """A request that no engine can run, with what is wrong with it."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(failures[0].message)
        self.failures = tuple(failures)

    def as_validation_error(self, field: str) -> ValidationFailed:
        """The errors of a document to be registered, in ``field`` of a command: the first few failures."""
        problems = [Problem((field,), ErrorCode.INVALID, failure.message) for failure in self.failures[:MAX_PROBLEMS]]
        return ValidationFailed(problems)


class DocumentCache:
    """Prepared operations by their text and name; the least recently used are forgotten."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()
        self._characters = 0

    def operation(self, text: str, name: str | None) -> Operation:
        """The operation called ``name`` (None: the only one) of a document. Raises RejectedDocumentError."""
        key = (text, name)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        document = self._valid(text)
        definition = _chosen(document, name)
        operation = self._operation(text, document, definition)
        if not operation.is_sensitive:
            self._remember(key, operation)
        return operation

    def check(self, text: str, *, public: bool = False) -> None:
        """Raises RejectedDocumentError unless each operation of a document can run; there must be one.

        A document that is to be stored has its card numbers in variables. ``public``: each operation must be one that a
        publishable key may run.
        """
        refuse_card_numbers(text)
        document = self._valid(text)
        if not _operations(document):
            raise RejectedDocumentError([_no_operation()])
        if public:
            for definition in _operations(document):
                refuse_hidden(self._operation(text, document, definition))

    def _valid(self, text: str) -> DocumentNode:
        document = _parsed(text)
        failures = check_document(document) or validate_document(self._schema, document, len(text))
        if failures:
            raise RejectedDocumentError(failures)
        return document

    def _operation(self, text: str, document: DocumentNode, definition: OperationDefinitionNode) -> Operation:
        """The operation with what its fields need, those of the fragments it uses included."""
        writes = definition.operation is OperationType.MUTATION
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        found = self._found(definition, fragments)
        switches, telling = sorted(found.switches), sorted(found.telling)
        needs = needs_of(self._schema, definition, fragments) if writes else PayloadScopes(found.scopes)
        return Operation(
            text,
            document,
            definition,
            tuple(needs.scopes),
            waived=tuple(needs.waived),
            unread=tuple(needs.unread),
            switches=tuple(switches),
            telling=tuple(telling),
            variables=declared(self._schema, definition),
            hidden=tuple(found.hidden),
            introspects=found.introspects,
            calls_out=operation_calls_out(self._schema, definition, fragments),
            is_buffered=operation_is_buffered(self._schema, definition, fragments),
            is_single=has_single_root_field(self._schema, definition, fragments),
            is_sensitive=has_card_number(text),
            printed=print_ast(document) if writes else "",
        )

    def _found(self, definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> _Needs:
        info = TypeInfo(self._schema)
        roots = (self._schema.query_type, self._schema.mutation_type, self._schema.subscription_type)
        found = _Needs(info, roots)
        waiting: list[OperationDefinitionNode | FragmentDefinitionNode] = [definition]
        seen: set[str] = set()
        while waiting:
            visit(waiting.pop(), TypeInfoVisitor(info, found))
            waiting += [fragments[name] for name in found.spreads - seen]
            seen |= found.spreads
        return found

    def _remember(self, key: tuple[str, str | None], operation: Operation) -> None:
        self._known[key] = operation
        self._characters += len(key[0])
        while self._characters > MAX_CACHED_DOCUMENT_CHARACTERS:
            (text, _), _ = self._known.popitem(last=False)
            self._characters -= len(text)


class _Needs(Visitor):
    """Collects the scopes of the visited fields, their skip and include variables, their introspection fields, and the
    fragments they spread.
    """

    def __init__(self, info: TypeInfo, roots: Collection[GraphQLNamedType | None]) -> None:
        super().__init__()
        self._info = info
        self._roots = roots
        self.scopes: dict[tuple[str, ...], None] = {}
        self.spreads: set[str] = set()
        self.switches: set[str] = set()
        self.telling: set[str] = set()
        self.introspects = False
        self.hidden: dict[str, None] = {}
        self._of_root = False

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.introspects |= node.name.value in INTROSPECTION_FIELDS
        parent = self._info.get_parent_type()
        if parent is not None and not is_public(parent.name, node.name.value) and len(self.hidden) < MAX_PROBLEMS:
            self.hidden[f"{parent.name}.{node.name.value}"] = None
        definition = self._info.get_field_def()
        scopes = getattr(field_of(definition), "scopes", ()) if definition is not None else ()
        if scopes:
            self.scopes[scopes] = None

    def enter_variable_definition(self, *_: object) -> VisitorAction:
        return SKIP

    def enter_argument(self, *_: object) -> None:
        of_field = self._info.get_directive() is None
        self._of_root = of_field and self._info.get_parent_type() in self._roots

    def leave_argument(self, *_: object) -> None:
        self._of_root = False

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        if not self._of_root:
            self.telling.add(node.name.value)

    def enter_fragment_spread(self, node: object, *_: object) -> None:
        self.spreads.add(node.name.value)  # type: ignore[attr-defined]  # a FragmentSpreadNode

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in ("include", "skip"):
            values = [argument.value for argument in node.arguments or ()]
            self.switches.update(value.name.value for value in values if isinstance(value, VariableNode))


def refuse_hidden(operation: Operation) -> None:
    """Raises RejectedDocumentError for an operation that a publishable key may not run."""
    if operation.hidden:
        message = f"Publishable keys may not select {', '.join(operation.hidden)}: shoppers may not see or do it."
        raise RejectedDocumentError([Failure(Code.FORBIDDEN, message)])


def refuse_card_numbers(text: str) -> None:
    """Raises RejectedDocumentError for a document to be stored that seems to contain a card number."""
    if has_card_number(text):
        message = "The document contains what looks like a card number. Send it in a variable."
        raise RejectedDocumentError([Failure(Code.BAD_USER_INPUT, message)])


def _parsed(text: str) -> DocumentNode:
    if len(text) > MAX_DOCUMENT_CHARACTERS:
        raise RejectedDocumentError([limit_exceeded("characters", MAX_DOCUMENT_CHARACTERS, len(text))])
    if more_tokens_than(MAX_TOKENS, text):
        raise RejectedDocumentError([limit_exceeded("tokens", MAX_TOKENS, None)])
    try:
        return parse(text)
    except GraphQLSyntaxError as error:
        if "nested too deeply" in error.message:
            raise RejectedDocumentError([limit_exceeded("depth", MAX_DEPTH, None)]) from None
        raise RejectedDocumentError([document_failure(error, Code.PARSE_FAILED)]) from None


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = _operations(document)
    if name is None and len(operations) == 1:
        return operations[0]
    for operation in operations:
        if name is not None and operation.name is not None and operation.name.value == name:
            return operation
    if not operations:
        raise RejectedDocumentError([_no_operation()])
    if name is None:
        message = "The document has several operations. Send operationName."
    else:
        message = f"The document has no operation named {name}."
    raise RejectedDocumentError([Failure(Code.OPERATION_UNKNOWN, message)])


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]


def _no_operation() -> Failure:
    return Failure(Code.OPERATION_UNKNOWN, "The document has no operation.")
