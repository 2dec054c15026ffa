"""What is asked of webhooks on both surfaces: use case, REST request, GraphQL input, and the code of a refusal."""

from __future__ import annotations

from tests.contract.parity_of_customers import Case, Ids

URL = "https://hooks.example.com/new"
QUERY = "subscription { events { ... on OrderCreated { order { number } } } }"
NEVER = "evt_00000000000000000000000000"
OLD = "2020-01-01T00:00:00Z"


def webhook(ids: Ids, tail: str = "") -> str:
    return f"/v2/webhooks/{ids['whk']}{tail}"


CASES: tuple[Case, ...] = (
    (
        "webhooks.create_webhook",
        lambda _: ("POST", "/v2/webhooks", {"url": URL, "events": ["order.created", "order.created", "*"]}),
        lambda _: {"url": URL, "events": ["order.created", "order.created", "*"]},
        None,
    ),
    (
        "webhooks.create_webhook",
        lambda _: (
            "POST",
            "/v2/webhooks",
            {
                "url": URL,
                "events": ["order.created"],
                "secret": "your_secret",
                "query": QUERY,
                "active": False,
                "include_imported": True,
            },
        ),
        lambda _: {
            "url": URL,
            "events": ["order.created"],
            "secret": "your_secret",
            "query": QUERY,
            "active": False,
            "includeImported": True,
        },
        None,
    ),
    (
        "webhooks.create_webhook",
        lambda _: ("POST", "/v2/webhooks", {"url": URL, "events": ["order.created", "order.eaten"]}),
        lambda _: {"url": URL, "events": ["order.created", "order.eaten"]},
        "INVALID",
    ),
    (
        "webhooks.create_webhook",
        lambda _: ("POST", "/v2/webhooks", {"url": "http://169.254.169.254/", "events": ["*"]}),
        lambda _: {"url": "http://169.254.169.254/", "events": ["*"]},
        "INVALID",
    ),
    (
        "webhooks.update_webhook",
        lambda ids: ("PUT", webhook(ids), {"url": URL, "events": ["*"], "active": False, "version": 1}),
        lambda ids: {"id": ids["whk"], "url": URL, "events": ["*"], "active": False, "expectedVersion": 1},
        None,
    ),
    (
        "webhooks.update_webhook",
        lambda ids: ("PUT", webhook(ids), {"query": "{ shop { id } }"}),
        lambda ids: {"id": ids["whk"], "query": "{ shop { id } }"},
        "INVALID",
    ),
    (
        "webhooks.update_webhook",
        lambda ids: ("PUT", webhook(ids), {"active": False, "version": 7}),
        lambda ids: {"id": ids["whk"], "active": False, "expectedVersion": 7},
        "VERSION_MISMATCH",
    ),
    (
        "webhooks.update_webhook",
        lambda ids: ("PUT", webhook(ids), {"events": []}),
        lambda ids: {"id": ids["whk"], "events": []},
        "TOO_SHORT",
    ),
    ("webhooks.delete_webhook", lambda ids: ("DELETE", webhook(ids), None), lambda ids: {"id": ids["whk"]}, None),
    (
        "webhooks.roll_webhook_secret",
        lambda ids: ("POST", webhook(ids, "/roll-secret"), {"secret": "another_secret", "overlap_seconds": 60}),
        lambda ids: {"id": ids["whk"], "secret": "another_secret", "overlapSeconds": 60},
        None,
    ),
    (
        "webhooks.roll_webhook_secret",
        lambda ids: ("POST", webhook(ids, "/roll-secret"), {"secret": "whsec_?"}),
        lambda ids: {"id": ids["whk"], "secret": "whsec_?"},
        "TOO_SHORT",
    ),
    (
        "webhooks.preview_webhook",
        lambda ids: ("POST", webhook(ids, "/preview"), {"event_id": NEVER}),
        lambda ids: {"id": ids["whk"], "eventId": NEVER},
        "NOT_FOUND",
    ),
    (
        "webhooks.preview_webhook_query",
        lambda _: ("POST", "/v2/webhooks/preview", {"query": QUERY, "event_id": NEVER}),
        lambda _: {"query": QUERY, "eventId": NEVER},
        "NOT_FOUND",
    ),
    (
        "webhooks.preview_webhook_query",
        lambda _: ("POST", "/v2/webhooks/preview", {"query": "{ shop { id } }", "event_id": NEVER}),
        lambda _: {"query": "{ shop { id } }", "eventId": NEVER},
        "INVALID",
    ),
    ("webhooks.test_webhook", lambda ids: ("POST", webhook(ids, "/test"), None), lambda ids: {"id": ids["whk"]}, None),
    (
        "webhooks.redeliver_webhook_delivery",
        lambda ids: ("POST", webhook(ids, f"/deliveries/{ids['dlv']}/redeliver"), None),
        lambda ids: {"webhookId": ids["whk"], "id": ids["dlv"]},
        None,
    ),
    (
        "webhooks.redeliver_webhook",
        lambda ids: ("POST", webhook(ids, "/redeliver"), None),
        lambda ids: {"id": ids["whk"]},
        None,
    ),
    (
        "webhooks.redeliver_webhook",
        lambda ids: ("POST", webhook(ids, "/redeliver"), {"failed_only": False, "created_from": OLD}),
        lambda ids: {"id": ids["whk"], "failedOnly": False, "createdFrom": OLD},
        None,
    ),
    (
        "webhooks.redeliver_webhook",
        lambda ids: ("POST", webhook(ids, "/redeliver"), {"failed_only": False}),
        lambda ids: {"id": ids["whk"], "failedOnly": False},
        "REQUIRED",
    ),
)
