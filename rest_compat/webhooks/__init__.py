"""Endpoints of webhooks and their deliveries."""

from __future__ import annotations

from domain import webhooks
from domain.events.serializers import EventDocument
from domain.kernel.use_cases.registry import use_case_of
from domain.webhooks.commands import DeliveryFilter, WebhookFilter
from domain.webhooks.serializers import DeliveryDocument, RedeliveryDocument, WebhookDocument
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction
from rest_compat.webhooks.resources import (
    describe_deliveries,
    describe_webhooks,
    fetch_delivery,
    fetch_webhook,
    represent_delivery,
    represent_issued,
    represent_preview,
    represent_redelivered,
    represent_webhook,
    within_webhook,
)

reads = webhooks.reads

_WEBHOOK = PathId(noun="webhook", prefix="whk")
_PARENT = PathId(noun="webhook", prefix="whk", field="webhook_id")
_DELIVERY = PathId(noun="delivery", prefix="dlv")

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/webhooks",
        name="listWebhooks",
        summary="List webhooks",
        description="The store's endpoints, newest first, without their secrets.",
        tag="Webhooks",
        action=PageAction(listing=reads.webhooks, describe=describe_webhooks, filters=WebhookFilter),
        response=WebhookDocument,
    ),
    Endpoint(
        method="POST",
        path="/webhooks",
        name="createWebhook",
        summary="Create a webhook",
        description="The answer holds the secret; it is never shown again. Each event needs the read scope of its own "
        "area; with * those that the key may not see are left out.",
        tag="Webhooks",
        action=WriteAction(use_case=use_case_of(webhooks.create_webhook), represent=represent_issued),
        response=WebhookDocument,
    ),
    Endpoint(
        method="POST",
        path="/webhooks/preview",
        name="previewWebhookQuery",
        summary="Preview a query's payload",
        description="What a webhook with this query would be sent for an event of the past, as far as the caller may "
        "see it; nothing is saved, nothing is sent.",
        tag="Webhooks",
        action=WriteAction(use_case=use_case_of(webhooks.preview_webhook_query), represent=represent_preview),
        response=EventDocument,
        creates_resource=False,
    ),
    Endpoint(
        method="GET",
        path="/webhooks/{id}",
        name="getWebhook",
        summary="Retrieve a webhook",
        tag="Webhooks",
        action=ItemAction(reads=(reads.webhook_by_id,), fetch=fetch_webhook),
        response=WebhookDocument,
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="PUT",
        path="/webhooks/{id}",
        name="updateWebhook",
        summary="Update a webhook",
        description="What is left out stays, and what is sent as it was changes nothing. Needs the scopes of all that "
        "the endpoint is sent; with other events or another query it is sent what the key may see from now on. Made "
        "active again, it starts with a clean slate.",
        tag="Webhooks",
        action=WriteAction(
            use_case=use_case_of(webhooks.update_webhook), represent=represent_webhook, current=fetch_webhook
        ),
        response=WebhookDocument,
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="DELETE",
        path="/webhooks/{id}",
        name="deleteWebhook",
        summary="Delete a webhook",
        description="What it has not been sent yet never is.",
        tag="Webhooks",
        action=WriteAction(use_case=use_case_of(webhooks.delete_webhook), current=fetch_webhook),
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/roll-secret",
        name="rollWebhookSecret",
        summary="Roll a webhook's secret",
        description="The answer holds the new secret. For the overlap, webhook-signature holds a signature by each of "
        "the two; X-Webhook-Signature is by the new one, X-Webhook-Signature-Previous by the old one. Needs the scopes "
        "of all that the endpoint is sent.",
        tag="Webhooks",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(webhooks.roll_webhook_secret),
            writes=frozenset({"secret", "secret_hint", "previous_secret_until"}),
            represent=represent_issued,
            current=fetch_webhook,
        ),
        response=WebhookDocument,
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/test",
        name="testWebhook",
        summary="Send a webhook a test",
        description="A delivery of the type webhook.test about the endpoint itself, tried once. Needs the scopes of "
        "all that the endpoint is sent.",
        tag="Webhooks",
        action=WriteAction(use_case=use_case_of(webhooks.test_webhook), represent=represent_delivery),
        response=DeliveryDocument,
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/preview",
        name="previewWebhook",
        summary="Preview a payload",
        description="What would be sent for an event of the past that the webhook selects, as far as the caller may "
        "see it; nothing is sent.",
        tag="Webhooks",
        action=WriteAction(use_case=use_case_of(webhooks.preview_webhook), represent=represent_preview),
        response=EventDocument,
        ids={"id": _WEBHOOK},
        creates_resource=False,
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/redeliver",
        name="redeliverWebhook",
        summary="Send many deliveries again",
        description="All that have failed, or all of a range of time, with `pending` also what waits for its next "
        "attempt; with the same ids and bodies.",
        tag="Webhooks",
        creates_resource=False,
        action=WriteAction(use_case=use_case_of(webhooks.redeliver_webhook), represent=represent_redelivered),
        response=RedeliveryDocument,
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="GET",
        path="/webhooks/{id}/deliveries",
        name="listDeliveries",
        summary="List a webhook's deliveries",
        description="Newest first, as far as the key may see their events; kept as long as events are.",
        tag="Webhooks",
        action=PageAction(
            listing=reads.deliveries,
            describe=describe_deliveries,
            filters=DeliveryFilter,
            admit=webhooks.check_delivery_filters,
            within=within_webhook,
        ),
        response=DeliveryDocument,
        ids={"id": _WEBHOOK},
    ),
    Endpoint(
        method="GET",
        path="/webhooks/{id}/deliveries/{delivery_id}",
        name="getDelivery",
        summary="Retrieve a delivery",
        tag="Webhooks",
        action=ItemAction(reads=(reads.webhook_by_id, reads.delivery_by_id), fetch=fetch_delivery),
        response=DeliveryDocument,
        ids={"id": _WEBHOOK, "delivery_id": _DELIVERY},
    ),
    Endpoint(
        method="POST",
        path="/webhooks/{id}/deliveries/{delivery_id}/redeliver",
        name="redeliver",
        summary="Send a delivery again",
        description="With the same id and body, as often as it takes by the schedule. One that waits for its next "
        "attempt is sent now; while an attempt is in flight it is refused with 409.",
        tag="Webhooks",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(webhooks.redeliver),
            writes=frozenset({"status", "next_attempt_at"}),
            represent=represent_delivery,
        ),
        response=DeliveryDocument,
        ids={"id": _PARENT, "delivery_id": _DELIVERY},
    ),
)
