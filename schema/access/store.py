"""The store of the request, and its caller."""

from __future__ import annotations

from datetime import datetime

import strawberry

import resolvers.access
from domain import orders
from domain.kernel.principal import Mode, Plan
from resolvers.types import Id
from schema.fields import attribute, computed, related
from schema.orders import Settings
from schema.rate_limits import RateLimit
from schema.relay import Node
from schema.scalars import Currency


@strawberry.type(description="The store of the API key.")
class Shop(Node, prefix="store"):
    """Describes the domain's Store."""

    account_id: Id = attribute("The id of the account.")
    name: str = attribute("The name of the account.")
    mode: Mode = attribute("Live store or sandbox.")
    plan: Plan = attribute("The plan of the account.")
    currency: Currency = attribute("The currency of all prices and orders.")
    rate_limit: RateLimit | None = computed(
        resolvers.access.rate_limit,
        columns=(),
        description="The rate limits of the store, or of the API key where they are narrower. Null if no limits apply.",
    )
    settings: Settings = related(
        orders.reads.settings_by_store, key="id", description="The settings of the store. Requires `access:read`."
    )


@strawberry.type(description="The API key or access token of the request.")
class Viewer:
    """Describes the domain's Principal."""

    credential: Id = attribute("The id of the API key, or of the grant of the access token.")
    scopes: list[str] = computed(
        resolvers.access.scopes, columns=("scopes",), description="The scopes of the key or token."
    )
    expires_at: datetime | None = attribute("When the key or token expires. Null if it never expires.")
