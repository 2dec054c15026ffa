"""What is measured: who answers which operation, and how that went."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.clock import Sample
from benchmarks.requests import Request
from benchmarks.servers import Server

GATEWAY_NAME = "gateway"
REST = "gateway, REST"
STRAWBERRY_ENGINE = "gateway, Strawberry's executor"
NAIVE = "naive Strawberry"
LIMIT = "hand-written limit"
LIMIT_BEHIND_DOORS = "limit behind the doors"


@dataclass(slots=True)
class Measurement:
    """One contestant's answer to one operation, and what was measured of it."""

    operation: str
    contestant: str
    server: Server
    request: Request
    alone: list[Sample] = field(default_factory=list)
    together: list[Sample] = field(default_factory=list)
    leaves: int = 0
    """Of the answer."""
    warming: float = 1.0
    """How many times as long it is warmed up: what compiles itself while it runs needs longer than what does not."""
