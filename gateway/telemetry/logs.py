"""Logs: one JSON object a line on stderr, readable text where stderr is a terminal.

Our own lines and those of libraries (``logging``) go through the same end: time, level, request id, redaction.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable
from typing import TextIO

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from gateway.telemetry.facts import current
from gateway.telemetry.redaction import Redact, redactor

ACCESS = "gateway.access"
_QUIET = ("asyncio", "httpcore", "httpx", "urllib3")
"""Libraries whose debug lines are about themselves, and may quote headers."""

Renderer = Callable[[WrappedLogger, str, EventDict], str]


def configure_logging(level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> FilteringBoundLogger:
    """Send every log line of this process to ``stream`` (stderr), and answer the logger of requests.

    ``secrets``: values to mask wherever they turn up. May be called again; the last call counts.
    """
    target = sys.stderr if stream is None else stream
    render = _renderer(redactor(secrets), readable=target.isatty())
    shared: list[Processor] = [_add_request, structlog.processors.add_log_level, _stamp(readable=target.isatty())]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, _flatten_exception, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    _route_library_logs(number, target, shared, render)
    logger: FilteringBoundLogger = structlog.get_logger().bind(logger=ACCESS)
    return logger


def _route_library_logs(level: int, target: TextIO, shared: list[Processor], render: Renderer) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _flatten_exception, render],
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    logging.captureWarnings(capture=True)


def _add_request(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    facts = current()
    if facts is not None:
        event.setdefault("request_id", facts.request_id)
        if facts.spans is not None:
            event["trace_id"] = facts.spans.trace_id
    return event


def _flatten_exception(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """The traceback as text; never with the values of local variables, which structlog's rich one would show."""
    return structlog.processors.format_exc_info(logger, name, event)


def _stamp(*, readable: bool) -> Processor:
    form = "%H:%M:%S" if readable else "iso"
    now = structlog.processors.TimeStamper(fmt=form, utc=not readable)
    # Lines of requests bring the time when the answer was out.
    return lambda logger, name, event: event if "timestamp" in event else now(logger, name, event)


def _renderer(redact: Redact, *, readable: bool) -> Renderer:
    if readable:
        console = structlog.dev.ConsoleRenderer(pad_event_to=20)
        return lambda logger, name, event: redact(console(logger, name, event))
    return lambda _, __, event: redact(_json(event))


def _json(event: EventDict) -> str:
    """One line. What orjson refuses (lone surrogates, odd keys) is written by json, which refuses nothing here."""
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, ValueError):
        return json.dumps(event, default=str, skipkeys=True)
