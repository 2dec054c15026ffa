"""A REST endpoint and a GraphQL mutation of the use case, beside all that the house has."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from domain import catalog
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.registry import use_case_of
from rest_compat import ENDPOINTS, Endpoint
from rest_compat.actions import WriteAction
from rest_compat.catalog.objects import PRODUCT, ProductDocument
from rest_compat.objects import Representation
from schema import Mutation, Query, Subscription
from schema.catalog.types import Product
from schema.event_types import TYPES
from schema.mutation_fields import changed_row, mutation, result_value
from schema.payload import Payload
from schema.scalars import SCALARS
from tests.marketplace import listing


class ListedProduct:
    """The product, after the marketplace has answered."""

    response = ProductDocument

    async def represent(self, db: Executor, principal: Principal, listed: Any) -> Representation:
        """The product."""
        assert listed.state
        return await PRODUCT.represent(db, principal, listed)


@strawberry.type(description="What listProduct came to.")
class ListProductPayload(Payload):
    """A MutationResult with a Listed."""

    product: Product | None = changed_row(
        catalog.reads.product_by_id, key="id", written=("metadata",), description="The product as it is now."
    )
    state: str | None = result_value("state", description="The state of the listing.")


with listing.registered():

    @strawberry.type(name="Mutation", description="What can be changed.")
    class MarketMutation(Mutation):
        """All use cases, and one more."""

        list_product: ListProductPayload = mutation(listing.list_product)

    LIST_PRODUCT = Endpoint(
        method="POST",
        path="/products/{id}/list",
        name="listProduct",
        summary="List a product",
        tag="Products",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(listing.list_product), returns=ListedProduct(), writes=frozenset({"metadata"})
        ),
        ids={"id": PRODUCT.id_in_path()},
    )

SCHEMA = strawberry.Schema(
    query=Query,
    mutation=MarketMutation,
    subscription=Subscription,
    types=TYPES,
    config=StrawberryConfig(scalar_map=SCALARS),
)
WITH_LISTING: tuple[Endpoint, ...] = (*ENDPOINTS, LIST_PRODUCT)
