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
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.telemetry.masking import Redact, make_masker
from gateway.telemetry.request_record import current

_QUIET = ("asyncio", "httpcore", "httpx", "urllib3")
"""Libraries whose debug lines are about themselves, and may quote headers."""

Renderer = Callable[[WrappedLogger, str, EventDict], str]


class LogWriter:
    """The lines of requests, which are many: written as all others, without the steps of structlog in between (they
    take longer than the rest of a line).
    """

    def __init__(self, level: int, target: TextIO, render: Renderer) -> None:
        self._level = level
        self._target = target
        self._render = render

    def is_enabled_for(self, level: int) -> bool:
        """Whether lines of this level are written."""
        return level >= self._level

    def write(self, events: Iterable[EventDict]) -> None:
        """Write lines that have all their members, the level and the time among them."""
        self._target.write("".join(f"{self._render(None, '', event)}\n" for event in events))
        self._target.flush()


def configure_logging(level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> LogWriter:
    """Send every log line of this process to ``stream`` (stderr). Returns the writer of the lines of requests.

    ``secrets``: values to mask wherever they occur. May be called again; the last call counts.
    """
    target = sys.stderr if stream is None else stream
    render = _renderer(make_masker(secrets), readable=target.isatty())
    shared: list[Processor] = [_add_request, structlog.processors.add_log_level, _stamp(readable=target.isatty())]
    number = logging.getLevelNamesMapping()[level.upper()]
    _route_library_logs(number, target, shared, render)
    return LogWriter(number, target, render)


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
    return structlog.processors.TimeStamper(fmt=form, utc=not readable)


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
