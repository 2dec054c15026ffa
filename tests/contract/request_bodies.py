"""What a request to an endpoint has besides its path, with the example of its body, or with a file."""

from __future__ import annotations

from typing import Any

from rest_compat.endpoint import Endpoint
from rest_compat.openapi.examples import body_example

PDF = b"%PDF-1.7\n"
MUTATION = "mutation ($input: CreateProductInput!) { createProduct(input: $input) { userErrors { code } } }"
"""What a bulk mutation executes."""
LINES = b'{"input": {"name": "Mug", "sku": "MUG", "price": {"amount": "5.00", "currency": "GBP"}}}\n'
CSV = b"sku,name,price\nMUG,Mug,5.00\n"


def needs_sandbox(endpoint: Endpoint) -> bool:
    """Whether only a test store has what it tells the sandbox of."""
    return endpoint.path.startswith("/sandbox/") or endpoint.path.endswith("/advance")


def options_of(endpoint: Endpoint, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The options of a client; ``body``: instead of the example, where it is JSON."""
    if endpoint.path == "/imports":
        return {"params": {"kind": "products"}, "content": CSV, "headers": {"Content-Type": "text/csv"}}
    if endpoint.path == "/bulk_mutations":
        return {"params": {"mutation": MUTATION}, "content": LINES, "headers": {"Content-Type": "application/x-ndjson"}}
    if endpoint.upload is not None:
        headers = {"Content-Type": "application/pdf"}
        return {"params": {"evidence_type": "shipping_proof", "name": "proof.pdf"}, "content": PDF, "headers": headers}
    if endpoint.body is None:
        return {}
    return {"json": body_example(endpoint.body) if body is None else body}
