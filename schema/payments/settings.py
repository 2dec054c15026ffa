"""The payment settings of the store."""

from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.types import Id
from schema.fields import attribute


@strawberry.type(description="The payment processor of the store. Its keys are never shown.")
class PaymentSettings:
    """Describes a row of the payment settings."""

    id: Id = attribute("The id of the store. `node(id:)` returns the store.")
    processor: str = attribute("The processor: `sandbox` of a test store, `stripe` of a live one.")
    secret_key_hint: str | None = attribute(
        "The last four characters of the secret key. Null if the store has none of its own."
    )
    has_webhook_secret: bool = attribute("Whether a webhook secret is set.")
    raw_cards: bool = attribute("Whether the processor accepts card numbers from this account.")
    version: int = attribute("The version, starting at 1. Increases with every change.")
    created_at: datetime = attribute("When the object was created.")
    updated_at: datetime = attribute("When the object was last changed.")
