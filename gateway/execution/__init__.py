"""Running GraphQL operations: the port that every door calls, the engines behind it. Knows GraphQL, not commerce."""

from gateway.execution.compiled_engine import CompiledEngine
from gateway.execution.engine import Answer, Engine, Operation, Streamed
from gateway.execution.failures import Code, Failure, failure_of
from gateway.execution.strawberry_engine import StrawberryEngine

__all__ = [
    "Answer",
    "Code",
    "CompiledEngine",
    "Engine",
    "Failure",
    "Operation",
    "StrawberryEngine",
    "Streamed",
    "failure_of",
]
