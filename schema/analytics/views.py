"""The mutation that counts views of products."""

from __future__ import annotations

import strawberry

from domain import analytics
from schema.mutation_fields import mutation
from schema.payload import Payload


@strawberry.type(description="Result of `recordProductView`.")
class RecordProductViewPayload(Payload):
    """A MutationResult without an object: a view is counted, not stored."""


@strawberry.type
class AnalyticsMutation:
    """Mutations of analytics."""

    record_product_view: RecordProductViewPayload = mutation(analytics.record_product_view)
