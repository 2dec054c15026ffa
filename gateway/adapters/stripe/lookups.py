"""What Stripe knows of our payments and refunds, found by the metadata that they were created with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kernel.ids import instant_of
from domain.kernel.use_cases.outbound import Outcome
from gateway.adapters.stripe.answers import EXPANDED_CHARGE, charge_outcome, refund_outcome
from gateway.adapters.stripe.connection import StripeApi

PAGE_SIZE = 100
MAX_PAGES = 10
"""Pages of a list that are read before the search is asked, whose index is up to a minute behind."""
WINDOW = timedelta(minutes=30)
"""How far the creation of an object at Stripe is at most from that of our id, either way: clocks differ."""


async def look_up(api: StripeApi, key: str) -> Outcome | None:
    """What came of the call with this key, ``<id>:<operation>``; None where Stripe knows of no such charge or refund.

    The other operations give None: sent again, they find their outcome in the state of the object. For a refund the
    look-up matters once Stripe has forgotten its idempotency key, after a day.
    """
    id, operation, *_ = key.split(":")
    if operation == "charge":
        intent = await find_intent(api, id, "key", key)
        return None if intent is None else charge_outcome(await retrieve_intent(api, intent["id"]))
    if operation == "refund":
        refund = await _find(api.v1.refunds, id, "key", key, {})
        return None if refund is None else refund_outcome(refund)
    return None


async def find_intent(api: StripeApi, id: str, name: str, value: str) -> Mapping[str, Any] | None:
    """The payment intent whose metadata ``name`` is ``value``, created when our ``id`` was."""
    search = {"query": f"metadata['{name}']:'{value}'", "limit": 1}
    return await _find(api.v1.payment_intents, id, name, value, search)


async def retrieve_intent(api: StripeApi, reference: str) -> dict[str, Any]:
    """A payment intent as it is now, with its charge, its fee and its card."""
    found = await api.v1.payment_intents.retrieve_async(reference, {"expand": list(EXPANDED_CHARGE)})
    whole: dict[str, Any] = found.to_dict()
    return whole


async def _find(service: Any, id: str, name: str, value: str, search: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The object of a service by its metadata: in the list of its time, then by search where there is one."""
    made = instant_of(id)
    created = {"gte": int((made - WINDOW).timestamp()), "lte": int((made + WINDOW).timestamp())}
    params: dict[str, Any] = {"created": created, "limit": PAGE_SIZE}
    pages = 0
    while pages < MAX_PAGES or not search:
        page = (await service.list_async(params)).to_dict()
        for each in page["data"]:
            if (each.get("metadata") or {}).get(name) == value:
                return dict(each)
        if not page["has_more"]:
            return None
        params, pages = params | {"starting_after": page["data"][-1]["id"]}, pages + 1
    found = (await service.search_async(search)).to_dict()["data"]
    return dict(found[0]) if found else None
