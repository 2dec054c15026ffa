"""Running GraphQL operations: the port that every door calls, the engines behind it. Knows GraphQL, not commerce."""

from gateway.execution.failures import Code, Failure, failure_of
from gateway.execution.port import Answer, Engine, Operation, Streamed
from gateway.execution.run import CompiledEngine
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
