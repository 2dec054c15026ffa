"""GraphQL as clients see it: every type, field, argument and description of the contract."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

import resolvers.node
from schema import catalog, customers, events, inventory, orders, webhooks
from schema.access import AccessMutation, AccessQuery
from schema.catalog import CatalogMutation, CatalogQuery
from schema.customers import CustomersMutation, CustomersQuery
from schema.events import TYPES, EventsQuery, EventsSubscription
from schema.fields import root
from schema.inventory import InventoryMutation, InventoryQuery
from schema.orders import OrdersMutation, OrdersQuery
from schema.relay import Node
from schema.scalars import SCALARS
from schema.strawberry_internals import link_types
from schema.webhooks import WebhooksMutation, WebhooksQuery

__all__ = ["Mutation", "Query", "Subscription", "schema"]


@strawberry.type(description="What can be read.")
class Query(CatalogQuery, InventoryQuery, CustomersQuery, OrdersQuery, AccessQuery, EventsQuery, WebhooksQuery):
    """All areas' root reads."""

    node: Node | None = root(
        resolvers.node.node, description="Anything with an id, by that id; needs the scope to read things of its kind."
    )
    nodes: list[Node | None] = root(
        resolvers.node.nodes, description="Several at once, in the order of their ids; null where there is none."
    )


@strawberry.type(description="What can be changed. The fields of one operation run in order, in one transaction.")
class Mutation(CatalogMutation, InventoryMutation, CustomersMutation, OrdersMutation, AccessMutation, WebhooksMutation):
    """All areas' use cases."""


@strawberry.type(description="What can be followed. An operation follows one field.")
class Subscription(EventsSubscription):
    """All areas' streams."""


link_types(
    catalog.types,
    inventory.types,
    customers,
    orders.order_base,
    orders.order,
    orders.draft,
    orders.summary,
    events,
    webhooks,
)
schema = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, types=TYPES, config=StrawberryConfig(scalar_map=SCALARS)
)
