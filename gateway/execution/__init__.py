"""Execution of GraphQL operations: the interface of engines, and two engines. Knows GraphQL, not commerce."""

from gateway.execution.compiled_engine import CompiledEngine
from gateway.execution.engine import Engine, GraphQLResponse, Operation, StreamedResponse
from gateway.execution.failures import Code, Failure, failure_of
from gateway.execution.strawberry_engine import StrawberryEngine

__all__ = [
    "Code",
    "CompiledEngine",
    "Engine",
    "Failure",
    "GraphQLResponse",
    "Operation",
    "StrawberryEngine",
    "StreamedResponse",
    "failure_of",
]
