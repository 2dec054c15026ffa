"""Root reads of customers."""

from __future__ import annotations

from typing import Annotated, Any

import orjson

from domain import customers, data_export
from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import LookupText
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.ids import is_id
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def customer(
    *,
    id: Annotated[Id | None, "The customer's id (cust_…)."] = None,
    email: Annotated[
        str | None, LookupText(max=MAX_EMAIL_LENGTH, description="Their e-mail address, in any case.")
    ] = None,
) -> LoadRequest | None:
    """One customer, by exactly one of id and email. Raises MalformedRequest for none or both."""
    if (id is None) == (email is None):
        raise MalformedRequest.of("id", "Give either `id` or `email`.")
    if id is not None:
        return LoadRequest(customers.reads.customer_by_id, id) if is_id("cust", id) else None
    return LoadRequest(customers.reads.customer_by_email, customers.email_key(email or ""))


async def export_customer(context: Context, *, id: Annotated[Id, "The customer's id (cust_…)."]) -> Any:
    """All that the store holds of a customer, or None when there is no such one."""
    if not is_id("cust", id):
        return None
    async with context.connection() as reader:
        document = await data_export.export_customer_data(reader, context.principal, id)
    return None if document is None else orjson.loads(orjson.dumps(document))
