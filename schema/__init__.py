"""The GraphQL schema: every type, field, argument and description of the contract."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

import resolvers.node
from schema import catalog, customers, event_types, events, inventory, jobs, orders, payments, shipping, webhooks
from schema.access import AccessMutation, AccessQuery
from schema.analytics import AnalyticsMutation, AnalyticsQuery
from schema.catalog import CatalogMutation, CatalogQuery
from schema.customers import CustomersMutation, CustomersQuery
from schema.descriptions import translate_descriptions
from schema.event_types import TYPES
from schema.events import EventsQuery, EventsSubscription
from schema.fields import node_root
from schema.inventory import InventoryMutation, InventoryQuery
from schema.jobs import JobsMutation, JobsQuery, JobsSubscription
from schema.orders import OrdersMutation, OrdersQuery
from schema.payments import PaymentsMutation, PaymentsQuery
from schema.relay import Node
from schema.scalars import SCALARS
from schema.shipping import ShippingMutation, ShippingQuery
from schema.strawberry_internals import core_schema, link_types
from schema.webhooks import WebhooksMutation, WebhooksQuery

__all__ = ["Mutation", "Query", "Subscription", "schema"]


_READS = {
    name: read for prefix, read in resolvers.node.READS.items() if isinstance(name := Node.PREFIXES.get(prefix), str)
}
"""The reads of ``node`` by type, but where a row decides between types that share a prefix."""


@strawberry.type(description="Read operations.")
class Query(
    CatalogQuery,
    InventoryQuery,
    CustomersQuery,
    OrdersQuery,
    PaymentsQuery,
    ShippingQuery,
    AccessQuery,
    EventsQuery,
    WebhooksQuery,
    AnalyticsQuery,
    JobsQuery,
):
    """The root reads of all areas."""

    node: Node | None = node_root(
        resolvers.node.node, _READS, description="Fetch any object by its id. Requires the read scope of its type."
    )
    nodes: list[Node | None] = node_root(
        resolvers.node.nodes,
        _READS,
        description="Fetch several objects by id, in the given order. Null for ids that do not exist.",
    )


@strawberry.type(description="Write operations. The fields of one operation run in order, in one transaction.")
class Mutation(
    CatalogMutation,
    InventoryMutation,
    CustomersMutation,
    OrdersMutation,
    PaymentsMutation,
    ShippingMutation,
    AccessMutation,
    WebhooksMutation,
    AnalyticsMutation,
    JobsMutation,
):
    """The use cases of all areas."""


@strawberry.type(description="Live operations. One field per operation.")
class Subscription(EventsSubscription, JobsSubscription):
    """The streams of all areas."""


link_types(
    catalog.types,
    inventory.types,
    customers,
    orders.order_base,
    orders.order,
    orders.draft,
    orders.summary,
    payments.payment,
    payments.dispute,
    payments.ledger,
    shipping.shipment,
    shipping.returns,
    event_types,
    events,
    webhooks,
    jobs,
)
schema = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, types=TYPES, config=StrawberryConfig(scalar_map=SCALARS)
)
translate_descriptions(core_schema(schema))
