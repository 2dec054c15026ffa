"""Root reads of customers."""

from __future__ import annotations

from typing import Annotated

from domain import customers
from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import LookupText
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.ids import is_id
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def customer(
    *,
    id: Annotated[Id | None, "The id of the customer (`cust_…`)."] = None,
    email: Annotated[
        str | None, LookupText(max=MAX_EMAIL_LENGTH, description="The e-mail address, ignoring case.")
    ] = None,
) -> LoadRequest | None:
    """Fetch a customer by id or e-mail address. Raises MalformedRequest for none or both."""
    if (id is None) == (email is None):
        raise MalformedRequest.of("id", "Give exactly one of `id` and `email`.")
    if id is not None:
        return LoadRequest(customers.reads.customer_by_id, id) if is_id("cust", id) else None
    return LoadRequest(customers.reads.customer_by_email, customers.email_key(email or ""))
