"""A REST endpoint, declared once: routing, validation, OpenAPI and the contract tests are generated from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rest_compat.actions import (
    CalculationAction,
    CallerAction,
    ExportAction,
    FileAction,
    ItemAction,
    PageAction,
    ReportAction,
    StreamAction,
    WriteAction,
)
from rest_compat.downloads import DownloadAction
from rest_compat.objects import PathId, Response
from rest_compat.report_formats import REPORT_FORMATS
from rest_compat.uploads import UploadAction
from transport.sse import EVENT_STREAM

JSON = "application/json"
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path below ``/v2``."""

    method: Method
    path: str
    name: str
    """The operation's id, unique in the OpenAPI document."""
    summary: str
    description: str = ""
    tag: str = ""
    """The group that it is in; see ``tagged``."""
    action: (
        ItemAction
        | ExportAction
        | CallerAction
        | PageAction
        | StreamAction
        | CalculationAction
        | FileAction
        | ReportAction
        | DownloadAction
        | WriteAction
    )
    ids: Mapping[str, PathId] = field(default_factory=dict)
    """The ids in its path; of a GET, those of its object unless they are given."""
    creates_resource: bool = True
    """Whether a POST leaves something behind that ``Location`` can name."""
    is_public: bool = False
    """Whether publishable keys may call it: it shows what shoppers may see, or takes what their pages tell."""

    @property
    def response(self) -> Response:
        """The document (in a stream: of each event), ``list[…]`` of one for ``{"data": […]}``, None for a response
        without a body.
        """
        return self.action.response

    @property
    def creates(self) -> bool:
        """Whether the response has the ``Location`` of the created object."""
        return self.status in (201, 202) and self.creates_resource and self.calculation is None

    @property
    def status(self) -> int:
        """The status of success."""
        if self.response is None:
            return 204
        if isinstance(self.action, WriteAction) and self.action.is_background:
            return 202
        return 201 if self.method == "POST" else 200

    @property
    def calculation(self) -> CalculationAction | None:
        """Its action, if it works something out."""
        return self.action if isinstance(self.action, CalculationAction) else None

    @property
    def has_etag(self) -> bool:
        """Whether its response has a digest of itself as its ETag, and is 304 for a client that has it."""
        kinds = ItemAction | ExportAction | CallerAction | FileAction | DownloadAction
        return isinstance(self.action, kinds) or (self.calculation is not None and self.method == "GET")

    @property
    def file(self) -> FileAction | ReportAction | DownloadAction | None:
        """Its action, if it returns a file."""
        return self.action if isinstance(self.action, FileAction | ReportAction | DownloadAction) else None

    @property
    def changes(self) -> bool:
        """Whether it changes what was there: of that, who may not read it is shown what they have written."""
        return isinstance(self.action, WriteAction) and (
            self.method in ("PUT", "PATCH") or self.action.writes is not None
        )

    @property
    def scope(self) -> str | None:
        """The required scope; None if any valid key is enough."""
        return self.action.scope

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types of the response; the first is the default."""
        if self.file is not None:
            return self.file.media_types
        if self.calculation is not None and self.calculation.table is not None:
            return (JSON, *REPORT_FORMATS)
        return (EVENT_STREAM if isinstance(self.action, StreamAction) else JSON,)

    @property
    def upload(self) -> UploadAction | None:
        """Its action, if its body is a file."""
        return self.action if isinstance(self.action, UploadAction) else None

    @property
    def body(self) -> type[Any] | None:
        """The command of the body, if that is JSON."""
        if self.calculation is not None:
            return self.calculation.calculation.command if self.method == "POST" else None
        if self.upload is None and isinstance(self.action, WriteAction) and self.method in ("POST", "PUT", "PATCH"):
            return self.action.use_case.command
        return None


def tagged(tag: str, *endpoints: Endpoint) -> tuple[Endpoint, ...]:
    """Endpoints of one group."""
    return tuple(replace(each, tag=tag) for each in endpoints)
