"""What is asked of OAuth clients, grants and trusted documents on both surfaces: use case, REST request, GraphQL input,
and the code of a refusal. Keys are left out: each is a secret of its own."""

from __future__ import annotations

from tests.contract.document_fixtures import TEXT
from tests.contract.parity_of_customers import Case

CLIENT = {"name": "Desk", "type": "public", "scopes": ["access:write"]}

CASES: tuple[Case, ...] = (
    (
        "access.register_trusted_document",
        lambda _: ("POST", "/v2/documents", {"text": "\n{ shop { id } } ", "name": " Storefront "}),
        lambda _: {"text": "\n{ shop { id } } ", "name": " Storefront "},
        None,
    ),
    (
        "access.register_trusted_document",
        lambda _: ("POST", "/v2/documents", {"text": TEXT, "name": None}),
        lambda _: {"text": TEXT, "name": None},
        None,
    ),
    (
        "access.register_trusted_document",
        lambda _: ("POST", "/v2/documents", {"text": "{ shop { nothing } viewer { nobody } }"}),
        lambda _: {"text": "{ shop { nothing } viewer { nobody } }"},
        "INVALID",
    ),
    (
        "access.register_trusted_document",
        lambda _: ("POST", "/v2/documents", {"text": "", "name": ""}),
        lambda _: {"text": "", "name": ""},
        "TOO_SHORT",
    ),
    (
        "access.create_oauth_client",
        lambda _: ("POST", "/v2/access/clients", {**CLIENT, "redirect_uris": ["https://desk.example/callback"]}),
        lambda _: {**CLIENT, "type": "PUBLIC", "redirectUris": ["https://desk.example/callback"]},
        None,
    ),
    (
        "access.create_oauth_client",
        lambda _: ("POST", "/v2/access/clients", {**CLIENT, "redirect_uris": ["http://desk.example/callback"]}),
        lambda _: {**CLIENT, "type": "PUBLIC", "redirectUris": ["http://desk.example/callback"]},
        "INVALID",
    ),
    (
        "access.create_oauth_client",
        lambda _: ("POST", "/v2/access/clients", CLIENT),
        lambda _: {**CLIENT, "type": "PUBLIC"},
        "REQUIRED",
    ),
    (
        "access.revoke_oauth_client",
        lambda ids: ("DELETE", f"/v2/access/clients/{ids['cli']}", None),
        lambda ids: {"id": ids["cli"]},
        None,
    ),
    (
        "access.revoke_grant",
        lambda ids: ("DELETE", f"/v2/access/grants/{ids['grant']}", None),
        lambda ids: {"id": ids["grant"]},
        None,
    ),
    (
        "access.remove_trusted_document",
        lambda ids: ("DELETE", f"/v2/documents/{ids['doc']}", None),
        lambda ids: {"id": ids["doc"]},
        None,
    ),
)
