"""What a request to an endpoint has besides its path, with the example of its body, or with a file."""

from __future__ import annotations

from typing import Any

from rest_compat.endpoint import Endpoint
from rest_compat.openapi.examples import body_example

PDF = b"%PDF-1.7\n"


def needs_sandbox(endpoint: Endpoint) -> bool:
    """Whether only a test store has what it tells the sandbox of."""
    return endpoint.path.startswith("/sandbox/") or endpoint.path.endswith("/advance")


def options_of(endpoint: Endpoint, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The options of a client; ``body``: instead of the example, where it is JSON."""
    if endpoint.upload is not None:
        headers = {"Content-Type": "application/pdf"}
        return {"params": {"evidence_type": "shipping_proof", "name": "proof.pdf"}, "content": PDF, "headers": headers}
    if endpoint.body is None:
        return {}
    return {"json": body_example(endpoint.body) if body is None else body}
