"""REST endpoints of webhooks and deliveries."""

from __future__ import annotations

from domain import webhooks
from domain.kernel.use_cases.registry import use_case_of
from domain.webhooks.commands import WebhookDeliveryFilter, WebhookFilter
from domain.webhooks.documents import DeliveryDocument, RedeliveryDocument, WebhookDocument
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.objects import ResultDocument, WithSecret
from rest_compat.webhooks.objects import DELIVERY, WEBHOOK, PreviewedPayload

reads = webhooks.reads

_WEBHOOK = WEBHOOK.id_in_path()
_PARENT = WEBHOOK.id_in_path("webhook_id")
_DELIVERY = DELIVERY.id_in_path()

ENDPOINTS = tagged(
    "Webhooks",
    Endpoint(
        method="GET",
        path="/webhooks",
        name="listWebhooks",
        summary="List webhooks",
        description="The webhooks of the store, newest first, without their secrets.",
        action=PageAction(listing=reads.webhooks, document=WebhookDocument, filters=WebhookFilter),
    ),
    Endpoint(
        method="POST",
        path="/webhooks",
        name="createWebhook",
        summary="Create a webhook",
        description="The response contains the secret. It is not returned again. Each event type requires the read "
        "scope of its area; `*` leaves out those that the API key may not read.",
        action=WriteAction(use_case=use_case_of(webhooks.create_webhook), returns=WithSecret(WEBHOOK)),
    ),
    Endpoint(
        method="POST",
        path="/webhooks/preview",
        name="previewWebhookQuery",
        summary="Preview the payload of a query",
        description="Returns the payload a webhook with this query would receive for an event, as far as the API key "
        "may read it. Nothing is saved or sent.",
        action=WriteAction(use_case=use_case_of(webhooks.preview_webhook_query), returns=PreviewedPayload()),
        creates_resource=False,
    ),
    Endpoint(
        method="GET",
        path="/webhooks/{id}",
        name="getWebhook",
        summary="Get a webhook",
        action=ItemAction(source=WEBHOOK),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="PUT",
        path="/webhooks/{id}",
        name="updateWebhook",
        summary="Update a webhook",
        description="Omitted and equal fields stay unchanged. Requires the read scopes of all that the webhook "
        "receives. Changing `events` or `query` applies the scopes of your key to it. Reactivating a webhook resets "
        "its failure state.",
        action=WriteAction(use_case=use_case_of(webhooks.update_webhook), returns=WEBHOOK, current=WEBHOOK),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="DELETE",
        path="/webhooks/{id}",
        name="deleteWebhook",
        summary="Delete a webhook",
        description="Pending deliveries are dropped.",
        action=WriteAction(use_case=use_case_of(webhooks.delete_webhook), current=WEBHOOK),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/roll-secret",
        name="rollWebhookSecret",
        summary="Roll the secret of a webhook",
        description="The response contains the new secret. During the overlap, `webhook-signature` contains a "
        "signature with each of the two secrets; `X-Webhook-Signature` uses the new one, "
        "`X-Webhook-Signature-Previous` the old one. Requires the read scopes of all that the webhook receives.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(webhooks.roll_webhook_secret),
            writes=frozenset({"secret", "secret_hint", "previous_secret_until"}),
            returns=WithSecret(WEBHOOK),
            current=WEBHOOK,
        ),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/test",
        name="testWebhook",
        summary="Test a webhook",
        description="Sends a `webhook.test` delivery about the webhook itself. It is attempted once. Requires the read "
        "scopes of all that the webhook receives.",
        action=WriteAction(use_case=use_case_of(webhooks.test_webhook), returns=DELIVERY),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/preview",
        name="previewWebhook",
        summary="Preview a payload",
        description="Returns the payload the webhook would receive for an event that it selects, as far as the API key "
        "may read it. Nothing is sent.",
        action=WriteAction(use_case=use_case_of(webhooks.preview_webhook), returns=PreviewedPayload()),
        ids={"id": _WEBHOOK},
        creates_resource=False,
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/redeliver",
        name="redeliverWebhook",
        summary="Redeliver deliveries",
        description="Redelivers all failed deliveries of the webhook, or all in a time range; with `pending` also "
        "those that wait for their next attempt. Ids and bodies stay the same.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(webhooks.redeliver_webhook),
            returns=ResultDocument(RedeliveryDocument, "/webhooks/{webhook_id}/deliveries"),
        ),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="GET",
        path="/webhooks/{id}/deliveries",
        name="listDeliveries",
        summary="List the deliveries of a webhook",
        description="Deliveries, newest first. Contains only events that the API key may read. Retained as long as "
        "events.",
        action=PageAction(
            listing=reads.deliveries,
            document=DeliveryDocument,
            filters=WebhookDeliveryFilter,
            check_filters=webhooks.check_delivery_filters,
            within=WEBHOOK.filters("webhook_id"),
        ),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="GET",
        path="/webhooks/{id}/deliveries/{delivery_id}",
        name="getDelivery",
        summary="Get a delivery",
        action=ItemAction(source=DELIVERY),
        ids={"id": _WEBHOOK, "delivery_id": _DELIVERY},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/deliveries/{delivery_id}/redeliver",
        name="redeliverWebhookDelivery",
        summary="Redeliver a delivery",
        description="Redelivers with the same id and body. Retries follow the schedule. A delivery that waits for its "
        "next attempt is sent now; while an attempt is in flight, the response is 409.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(webhooks.redeliver_webhook_delivery),
            writes=frozenset({"status", "next_attempt_at"}),
            returns=DELIVERY,
        ),
        ids={"id": _PARENT, "delivery_id": _DELIVERY},
    ),
)
