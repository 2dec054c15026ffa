"""Running GraphQL operations: the port that every door calls, and the engine behind it. Knows GraphQL, not commerce."""

from gateway.execution.failures import Code, Failure, failure_of
from gateway.execution.port import Answer, Engine, Operation, Streamed
from gateway.execution.strawberry_engine import StrawberryEngine

__all__ = ["Answer", "Code", "Engine", "Failure", "Operation", "StrawberryEngine", "Streamed", "failure_of"]
