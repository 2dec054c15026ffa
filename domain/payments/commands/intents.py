"""Commands of payment intents. Every limit is written here, once, for both surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Choice, Json, MinorAmount, NestedObject, Text, Unset
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.payments.commands.details import PaymentMethodDetailsInput
from domain.payments.commands.shared_fields import INTENT_ID, INTENT_VERSION, METHOD, PAYMENT_METADATA
from domain.payments.states import CaptureMethod, PaymentMethod

_DETAILS = NestedObject(
    description="What the payment method needs. Without it, the test store uses its success card or its equal, and a "
    "live store waits for `confirm`.",
    example_fields=("card",),
)
_CURRENCY = Text(
    min=3,
    max=3,
    pattern=r"[A-Za-z]{3}",
    form="a three-letter ISO 4217 code",
    description="The currency, in any case. It must be the currency of the store, and so of the order. Default: the "
    "currency of the store.",
    example="usd",
)
_WHEN = (
    "When the amount is collected: `manual` authorises it until it is captured, `automatic` collects it at once. "
    "Methods that cannot be authorised are always collected at once."
)
_CAPTURE_METHOD = Choice(description=_WHEN, example="manual")
_CONFIRMED_CAPTURE_METHOD = Choice(description=f"{_WHEN} Default: as the intent was created.", example="automatic")


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatePaymentIntent:
    """Create a payment intent, and authorise it if the payment method is known.

    A declined payment is no error: the intent has the status `failed` and a `last_error`, and can be confirmed again.
    """

    amount: Annotated[Money, MinorAmount(description="The amount to collect.", example="199.99")]
    currency: Annotated[str | Unset, _CURRENCY] = UNSET
    payment_method: Annotated[PaymentMethod, METHOD] = PaymentMethod.CARD
    payment_method_details: Annotated[PaymentMethodDetailsInput | Unset, _DETAILS] = UNSET
    capture_method: Annotated[CaptureMethod, _CAPTURE_METHOD] = CaptureMethod.MANUAL
    order_id: Annotated[
        str | Unset | None,
        Text(min=1, max=64, description="The id of the order that is paid.", example=example_id("ord")),
    ] = UNSET
    customer_id: Annotated[
        str | Unset | None,
        Text(
            min=1,
            max=64,
            description="The id of the customer. Default: the customer of the order.",
            example=example_id("cust"),
        ),
    ] = UNSET
    metadata: Annotated[Json | Unset, PAYMENT_METADATA] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmPaymentIntent:
    """Attempt to charge a payment intent: the first time, or again after a failure."""

    id: Annotated[str, INTENT_ID]
    expected_version: Annotated[int | Unset, INTENT_VERSION] = UNSET
    payment_method: Annotated[PaymentMethod | Unset, METHOD] = UNSET
    payment_method_details: Annotated[PaymentMethodDetailsInput | Unset, _DETAILS] = UNSET
    capture_method: Annotated[CaptureMethod | Unset, _CONFIRMED_CAPTURE_METHOD] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturePaymentIntent:
    """Collect an authorised amount, once. Of a partial capture, the rest is released."""

    id: Annotated[str, INTENT_ID]
    expected_version: Annotated[int | Unset, INTENT_VERSION] = UNSET
    amount: Annotated[
        Money | Unset,
        MinorAmount(description="The amount to collect. Default: the authorised amount.", example="199.99"),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelPaymentIntent:
    """Cancel a payment intent that has not been captured, and release its authorisation.

    A transfer that has not arrived is given up, if the processor still can; otherwise the intent stays `processing`,
    and `last_error` says why.
    """

    id: Annotated[str, INTENT_ID]
    expected_version: Annotated[int | Unset, INTENT_VERSION] = UNSET
