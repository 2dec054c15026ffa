"""Commands of the payment settings of a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from domain.kernel.fields import UNSET, Boolean, FieldLocation, Integer, Text, Unset


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdatePaymentSettings:
    """Set the keys of a live store at its payment processor. They are stored encrypted and never shown again."""

    expected_version: Annotated[
        int | Unset,
        Integer(
            description="The version the change is based on. If the settings have changed since, the request fails "
            "with `VERSION_MISMATCH`.",
            min=1,
            place=FieldLocation.VERSION,
        ),
    ] = UNSET
    stripe_secret_key: Annotated[
        str | Unset | None,
        Text(
            min=8,
            max=255,
            pattern=r"(?:sk|rk)_[A-Za-z0-9_]{5,}",
            form="a secret or restricted key of Stripe, such as sk_live_…",
            description="The secret or restricted key at Stripe. Null removes it.",
            example="sk_live_example",
        ),
    ] = field(default=UNSET, repr=False)
    stripe_webhook_secret: Annotated[
        str | Unset | None,
        Text(
            min=8,
            max=255,
            pattern=r"whsec_[A-Za-z0-9+/=_]{2,}",
            form="a signing secret of Stripe, such as whsec_…",
            description="The signing secret of the webhook endpoint at Stripe. Null removes it.",
            example="whsec_example",
        ),
    ] = field(default=UNSET, repr=False)
    raw_cards: Annotated[
        bool | Unset,
        Boolean(
            description="Whether Stripe accepts card numbers from this account. Otherwise live payments need tokens.",
            example=False,
        ),
    ] = UNSET
