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


async def customer_export(context: Context, *, id: Annotated[Id, "The id of the customer (`cust_…`)."]) -> Any:
    """Export all data stored about a customer. None if the customer does not exist."""
    if not is_id("cust", id):
        return None
    async with context.connection() as db:
        document = await data_export.export_customer_data(db, context.principal, id)
    return None if document is None else orjson.loads(orjson.dumps(document))
