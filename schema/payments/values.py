"""Objects that a row holds in several columns or in one of JSON: errors, cards, and what the buyer has to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import strawberry

import resolvers.payments
from domain.payments import CardBrand, PaymentActionType, ports
from schema.fields import attribute, computed
from schema.scalars import Currency, Url


@strawberry.type(description="Why a charge or refund failed.")
class PaymentError:
    """Describes the PaymentError of the resolvers."""

    code: str = attribute("The error code, such as `card_declined` or `insufficient_funds`.")
    message: str = attribute("The error message.")


class _ErrorOfRow:
    """Builds the error of a row from two columns. None if there is no code."""

    plain: Mapping[str, str] = MappingProxyType({"code": "error_code", "message": "error_message"})
    """The members that are plain columns. The error is None if the first of them is null."""

    def __call__(self, row: Any) -> resolvers.payments.PaymentError | None:
        """The row's error."""
        return None if row.error_code is None else resolvers.payments.PaymentError(row.error_code, row.error_message)


def stored_error(description: str) -> Any:
    """The error that a row stores."""
    return computed(_ErrorOfRow(), columns=("error_code", "error_message"), description=description)


@strawberry.type(description="The stored details of a card.")
class CardSummary:
    """Describes the domain's own CardSummary."""

    brand: CardBrand | None = attribute("The brand. Null if it is another one.")
    last4: str = attribute("The last four digits.")
    exp_month: int = attribute("The month of expiry.")
    exp_year: int = attribute("The year of expiry.")


class _CardOfRow:
    """Builds the card of a row from four columns. None if there are no digits."""

    plain: Mapping[str, str] = MappingProxyType(
        {
            "last4": "card_last4",
            "brand": "card_brand",
            "exp_month": "card_exp_month",
            "exp_year": "card_exp_year",
        }
    )
    """The members that are plain columns. The card is None if the first of them is null."""

    def __call__(self, row: Any) -> ports.CardSummary | None:
        """The row's card."""
        if row.card_last4 is None:
            return None
        return ports.CardSummary(row.card_brand, row.card_last4, row.card_exp_month, row.card_exp_year)


def stored_card(description: str) -> Any:
    """The card that a row stores."""
    return computed(_CardOfRow(), columns=tuple(_CardOfRow.plain.values()), description=description)


@strawberry.type(description="What the buyer has to do next.")
class PaymentAction:
    """Describes the PaymentAction of the resolvers."""

    type: PaymentActionType = attribute("What the buyer has to do.")
    url: Url | None = attribute("The page to open. Null for transfers.")
    reference: str | None = attribute("The text that a bank transfer must quote. Null for other actions.")
    address: str | None = attribute(
        "The account of a bank transfer, or the address to send cryptocurrency to. Null for other actions."
    )
    amount: str | None = attribute(
        "What is owed, in major units of `currency`; cryptocurrency is sent for as much as it is worth. Null for other "
        "actions."
    )
    currency: Currency | None = attribute("The currency of `amount` by ISO 4217. Null for other actions.")
    expires_at: datetime | None = attribute("When the offer ends. Null if it does not end.")


class _ActionOfRow:
    """Builds the action of a row from a column that holds one as JSON. None if the column is null."""

    column = "next_action"
    stored = ("type",)
    """The members that every stored action has; those that are null are left out."""

    def __call__(self, row: Any) -> resolvers.payments.PaymentAction | None:
        """The row's action."""
        if row.next_action is None:
            return None
        stored = ports.BuyerAction.of_data(row.next_action)
        expires_at = None if stored.expires_at is None else datetime.fromisoformat(stored.expires_at)
        return resolvers.payments.PaymentAction(
            stored.type, stored.url, stored.reference, stored.address, stored.amount, stored.currency, expires_at
        )


def stored_action(description: str) -> Any:
    """What the buyer has to do, as a row stores it."""
    return computed(_ActionOfRow(), columns=("next_action",), description=description)
