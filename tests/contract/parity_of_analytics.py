"""What is asked of analytics on both surfaces: use case, REST request, GraphQL input, and the code of a refusal."""

from __future__ import annotations

from domain.kernel.ids import example_id
from tests.contract.parity_of_customers import Case

VIEW = "analytics.record_product_view"

CASES: tuple[Case, ...] = (
    (
        VIEW,
        lambda ids: ("POST", f"/v2/products/{ids['prod']}/views", None),
        lambda ids: {"productId": ids["prod"]},
        None,
    ),
    (
        VIEW,
        lambda _: ("POST", f"/v2/products/{example_id('prod')}/views", None),
        lambda _: {"productId": example_id("prod")},
        "NOT_FOUND",
    ),
)
