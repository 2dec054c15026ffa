"""The telemetry of a running gateway: log lines, metrics, traces.

``request_record.py`` is what is known of a request; ``recorder.py`` reports it; ``access_log.py``, ``metrics.py`` and
``tracing.py`` are the three outputs; ``delivery_metrics.py`` counts webhooks; ``sampler.py`` samples pools and the
event loop; ``exposition.py`` serves metrics; ``logs.py`` writes log lines; ``masking.py`` masks secrets in them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from gateway.telemetry.access_log import AccessLog
from gateway.telemetry.delivery_metrics import DeliveryMetrics
from gateway.telemetry.exposition import MULTIPROCESS_VARIABLE, own_registry, shared_registry
from gateway.telemetry.logs import LogWriter
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.recorder import Recorder

if TYPE_CHECKING:
    from gateway.telemetry.tracing import Tracing

__all__ = ["Telemetry", "telemetry"]

EXPORTERS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""OpenTelemetry's own variables; without one of them nothing of it is loaded."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The three ways, as one application uses them. By default it counts, and neither logs requests nor traces."""

    registry: CollectorRegistry = field(default_factory=own_registry)
    """The registry that ``/metrics`` shows."""
    access: LogWriter | None = None
    tracing: Tracing | None = None
    metrics: Metrics = field(init=False)
    deliveries: DeliveryMetrics = field(init=False)
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        """Several processes show what is in their files; the families themselves are then registered nowhere."""
        registry = CollectorRegistry() if MULTIPROCESS_VARIABLE in os.environ else self.registry
        metrics = Metrics(registry)
        lines = None if self.access is None else AccessLog(self.access)
        object.__setattr__(self, "metrics", metrics)
        object.__setattr__(self, "deliveries", DeliveryMetrics(registry))
        object.__setattr__(self, "recorder", Recorder(metrics, lines, self.tracing))

    def close(self) -> None:
        """Flush what is not reported yet; with traces, blocks for at most five seconds."""
        self.recorder.flush()
        if self.tracing is not None:
            self.tracing.close()


def telemetry(access: LogWriter, registry: CollectorRegistry | None = None) -> Telemetry:
    """The telemetry configured by the environment. ``registry``: the registry of the metrics, if the caller has one."""
    directory = os.environ.get(MULTIPROCESS_VARIABLE)
    if registry is None:
        registry = own_registry() if directory is None else shared_registry(directory)
    tracing = None
    if any(os.environ.get(name) for name in EXPORTERS):
        tracing = import_module("gateway.telemetry.tracing").Tracing.exporting()
    return Telemetry(registry, access, tracing)
