"""What a payment method needs. Card and account numbers are passed on to the processor and never stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from domain.kernel.address import AddressInput
from domain.kernel.fields import UNSET, Choice, Integer, NestedObject, Text, Unset, Url


class BankAccountType(StrEnum):
    """The type of a bank account."""

    CHECKING = "checking"
    SAVINGS = "savings"


_NUMBER = Text(
    min=12,
    max=32,
    pattern=r"[0-9](?:[ -]?[0-9]){11,18}",
    form="12 to 19 digits, which may be grouped by blanks or hyphens",
    description="The card number. It is passed on to the processor and never stored.",
    example="4242 4242 4242 4242",
)
_CVC = Text(
    min=3,
    max=4,
    pattern=r"[0-9]{3,4}",
    form="3 or 4 digits",
    description="The security code: 4 digits for American Express, otherwise 3. It is never stored.",
    example="123",
)
_ROUTING = Text(
    min=9, max=9, pattern=r"[0-9]{9}", form="9 digits", description="The ABA routing number.", example="110000000"
)
_ACCOUNT = Text(
    min=4,
    max=17,
    pattern=r"[0-9]{4,17}",
    form="4 to 17 digits",
    description="The account number. It is passed on to the processor and never stored.",
    example="000123456789",
)
_TOKEN = Text(
    min=1,
    max=255,
    pattern=r"[A-Za-z0-9_.=+/-]+",
    form="a token without blanks",
    description="A payment method at the processor, such as `pm_…`. Required for wallets; in live stores usually for "
    "cards as well.",
    example="pm_card_visa",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CardInput:
    """A credit or debit card."""

    number: Annotated[str, _NUMBER] = field(repr=False)
    exp_month: Annotated[int, Integer(min=1, max=12, description="The month of expiry.", example=12)]
    exp_year: Annotated[
        int, Integer(min=2000, max=2100, description="The year of expiry, with four digits.", example=2030)
    ]
    cvc: Annotated[str, _CVC] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class BankAccountInput:
    """A bank account of the United States."""

    routing_number: Annotated[str, _ROUTING] = field(repr=False)
    account_number: Annotated[str, _ACCOUNT] = field(repr=False)
    holder_name: Annotated[str, Text(min=1, max=255, description="The name of the account holder.", example="Jane Doe")]
    account_type: Annotated[BankAccountType, Choice(description="The type of the account.", example="checking")] = (
        BankAccountType.CHECKING
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentMethodDetailsInput:
    """What the payment method needs.

    Cards need `card` or `token`; Apple Pay and Google Pay `token`; ACH `bank_account` or `token`; Affirm and Klarna
    `billing_address` and `return_url`; PayPal `token` or `return_url`. Wire transfers and cryptocurrencies need
    nothing.
    """

    card: Annotated[CardInput | Unset, NestedObject(description="The card.")] = UNSET
    token: Annotated[str | Unset, _TOKEN] = field(default=UNSET, repr=False)
    bank_account: Annotated[BankAccountInput | Unset, NestedObject(description="The bank account that ACH debits.")] = (
        UNSET
    )
    billing_address: Annotated[
        AddressInput | Unset,
        NestedObject(description="The billing address. Default: the billing address of the order."),
    ] = UNSET
    return_url: Annotated[
        str | Unset,
        Url(description="The page that the buyer returns to after an action.", example="https://shop.example/thanks"),
    ] = UNSET
