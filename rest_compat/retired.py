"""v1, which was never served here: every path of it says where v2 is."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from rest_compat.endpoint import ROOT

GONE = HTTPException(
    410,
    f"Version 1 is retired; use version 2, under {ROOT}.",
    {
        "Sunset": "Wed, 31 Mar 2027 23:59:59 GMT",
        "Deprecation": "@1767225600",  # RFC 9745: since 2026-01-01, the month that 2.3 came out
        "Link": f'<{ROOT}>; rel="successor-version"',
    },
)
