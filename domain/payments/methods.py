"""What each payment method needs and can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.kernel.address import Address
from domain.kernel.card_numbers import digits_of, has_valid_check_digit
from domain.kernel.errors import ErrorCode, Forbidden, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Mode, Plan, Store
from domain.payments.cards import brand_of, cvc_length
from domain.payments.commands import CardInput, PaymentMethodDetailsInput
from domain.payments.ports import BankAccount, CardNumber, ChargeDetails
from domain.payments.states import PaymentMethod

DETAILS = "payment_method_details"


@dataclass(frozen=True, slots=True)
class MethodRule:
    """One payment method."""

    needs: tuple[tuple[str, ...], ...] = ()
    """The details that it needs; of each group, any."""
    takes: frozenset[str] = frozenset({"token"})
    """The details that say what is charged. One payment takes one of them at most."""
    can_authorize: bool = True
    """Whether an amount can be held and captured later. Otherwise it is collected at once."""
    refund_days: tuple[int, int] = (5, 10)
    """Business days in which a refund arrives, from and to."""


_M = PaymentMethod
METHODS: Mapping[PaymentMethod, MethodRule] = {
    _M.CARD: MethodRule((("card", "token"),), takes=frozenset({"card", "token"})),
    _M.APPLE_PAY: MethodRule((("token",),)),
    _M.GOOGLE_PAY: MethodRule((("token",),)),
    _M.PAYPAL: MethodRule((("token", "return_url"),), refund_days=(5, 7)),
    _M.ACH: MethodRule((("bank_account", "token"),), frozenset({"bank_account", "token"}), can_authorize=False),
    _M.WIRE: MethodRule(takes=frozenset(), can_authorize=False),
    _M.AFFIRM: MethodRule((("billing_address",), ("return_url",))),
    _M.KLARNA: MethodRule((("billing_address",), ("return_url",)), refund_days=(5, 7)),
    _M.BITCOIN: MethodRule(takes=frozenset(), can_authorize=False),
    _M.ETHEREUM: MethodRule(takes=frozenset(), can_authorize=False),
}
"""The document promises refunds within 5 to 10 business days, depending on the method."""
_SOURCES = {"card": "card number", "bank_account": "bank account", "token": "token"}
CRYPTO = frozenset({PaymentMethod.BITCOIN, PaymentMethod.ETHEREUM})
SUCCESS_CARD = CardInput(number="4242424242424242", exp_month=12, exp_year=2100, cvc="123")
"""What a test store pays with where nothing is said."""


def require_plan(store: Store, method: PaymentMethod) -> None:
    """Raises Forbidden for cryptocurrencies on other plans than enterprise."""
    if method in CRYPTO and store.plan != Plan.ENTERPRISE:
        raise Forbidden(f"Payments by {method} need the enterprise plan.")


def read_details(
    store: Store,
    method: PaymentMethod,
    given: PaymentMethodDetailsInput | None,
    *,
    billing_address: Mapping[str, Any] | None,
    email: str | None,
    now: datetime,
) -> ChargeDetails:
    """The details of a charge. ``billing_address`` and ``email``: those of the order, as defaults.

    Raises ValidationFailed, naming the field: what the method needs is missing, the card has expired or is invalid.
    """
    details = given or PaymentMethodDetailsInput()
    own_address = None if details.billing_address is UNSET else details.billing_address
    address = billing_address if own_address is None else Address.of(own_address, (DETAILS, "billing_address")).stored()
    if given is None and store.mode == Mode.TEST:
        return _sandbox_details(method, address, email)
    _require(method, details, has_address=address is not None)
    card = None if details.card is UNSET else _card(details.card, now)
    account = None if details.bank_account is UNSET else details.bank_account
    return ChargeDetails(
        card=card,
        token=details.token or None,
        bank_account=None
        if account is None
        else BankAccount(account.routing_number, account.account_number, account.holder_name, account.account_type),
        billing_address=address,
        email=email,
    )


def _sandbox_details(method: PaymentMethod, address: Mapping[str, Any] | None, email: str | None) -> ChargeDetails:
    card = SUCCESS_CARD if method == PaymentMethod.CARD else None
    number = None if card is None else CardNumber(card.number, card.exp_month, card.exp_year, card.cvc)
    return ChargeDetails(card=number, billing_address=address, email=email)


def _require(method: PaymentMethod, details: PaymentMethodDetailsInput, *, has_address: bool) -> None:
    problems = []
    for group in METHODS[method].needs:
        if any(getattr(details, name) for name in group) or ("billing_address" in group and has_address):
            continue
        what = " or ".join(f"`{name}`" for name in group)
        problems.append(Problem((DETAILS, group[0]), ErrorCode.REQUIRED, f"Payments by {method} need {what}."))
    problems += _problems_of_sources(method, details)
    if problems:
        raise ValidationFailed(problems)


def _problems_of_sources(method: PaymentMethod, details: PaymentMethodDetailsInput) -> Iterable[Problem]:
    """What is given beside what is charged, and would be ignored."""
    given = [name for name in _SOURCES if getattr(details, name)]
    taken = [name for name in given if name in METHODS[method].takes]
    for name in given:
        if name not in taken:
            yield Problem((DETAILS, name), ErrorCode.INVALID, f"Payments by {method} take no {_SOURCES[name]}.")
    for name in taken[1:]:
        message = f"Send `{taken[0]}` or `{name}`: a payment takes one of them."
        yield Problem((DETAILS, name), ErrorCode.INVALID, message)


def _card(card: CardInput, now: datetime) -> CardNumber:
    digits = digits_of(card.number)
    problems = list(_problems_of(card, digits, now.date()))
    if problems:
        raise ValidationFailed(problems)
    return CardNumber(digits, card.exp_month, card.exp_year, card.cvc)


def _problems_of(card: CardInput, digits: str, today: date) -> Iterable[Problem]:
    path: Path = (DETAILS, "card")
    brand = brand_of(digits)
    if not has_valid_check_digit(digits):
        yield Problem((*path, "number"), ErrorCode.INVALID, "The card number is invalid.")
    elif brand is None:
        message = "Must be the number of a Visa, Mastercard, American Express or Discover card."
        yield Problem((*path, "number"), ErrorCode.INVALID, message)
    elif len(card.cvc) != cvc_length(brand):
        yield Problem((*path, "cvc"), ErrorCode.INVALID, f"Must have {cvc_length(brand)} digits.")
    if (card.exp_year, card.exp_month) < (today.year, today.month):
        field = "exp_year" if card.exp_year < today.year else "exp_month"
        yield Problem((*path, field), ErrorCode.INVALID, "The card has expired.")
