"""What a processor answers, and what it tells by itself.

Answers are stored with the attempt, so they are written as JSON (``as_data``) and read back (``of_data``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self, TypeVar

from domain.payments.states import CardBrand, DisputeStatus, PaymentActionType


class ChargeState(StrEnum):
    """What has become of a charge at the processor."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    """It settles later, as bank transfers do."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Voided, or expired."""


class RefundState(StrEnum):
    """What has become of a refund at the processor."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class _Answer:
    """The base of what is stored as JSON."""

    __slots__ = ()
    _instants: ClassVar[frozenset[str]] = frozenset()
    _nested: ClassVar[Mapping[str, type[Any]]] = {}

    def as_data(self) -> dict[str, Any]:
        """The answer in JSON's own types."""
        return {name: _plain(getattr(self, name)) for name in self._names()}

    @classmethod
    @cache
    def _names(cls) -> tuple[str, ...]:
        return tuple(each.name for each in fields(cls))  # type: ignore[arg-type]  # subclasses are dataclasses

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Self:
        """The answer that was stored. Members that were stored by another version are left out."""
        known = cls._names()
        return cls(**{name: cls._read(name, value) for name, value in data.items() if name in known})

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        if value is None:
            return None
        if name in cls._instants:
            return datetime.fromisoformat(value)
        return cls._nested[name].of_data(value) if name in cls._nested else value


@dataclass(frozen=True, slots=True)
class CardSummary(_Answer):
    """What is kept of a card."""

    brand: CardBrand | None
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerAction(_Answer):
    """What the buyer has to do next."""

    type: PaymentActionType
    url: str | None = None
    """The page to open, for 3-D Secure and redirects."""
    reference: str | None = None
    """What a bank transfer must quote."""
    address: str | None = None
    """The address to send cryptocurrency to, or the account of a bank transfer."""
    amount: str | None = None
    """What is owed, in major units of ``currency``; cryptocurrency is sent for as much as it is worth."""
    currency: str | None = None
    """ISO 4217, in upper case."""
    expires_at: str | None = None
    """When the offer ends, RFC 3339 in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeNews(_Answer):
    """A dispute, as the processor sees it now."""

    _instants = frozenset({"respond_by"})

    reference: str
    charge_reference: str
    status: DisputeStatus
    amount: int
    reason: str
    respond_by: datetime | None
    """UTC. Null once it is closed."""
    fee: int | None = None
    """What the processor charges for the case. Null where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeNews(_Answer):
    """A charge, as the processor sees it now: the answer to Charge, Capture and Void, and what is told later."""

    _instants = frozenset({"authorized_until"})
    _nested = {"card": CardSummary, "next_action": BuyerAction, "dispute": DisputeNews}  # noqa: RUF012

    reference: str
    state: ChargeState
    captured: int = 0
    """The collected amount in minor units."""
    fee: int = 0
    """The fee that the processor keeps of it."""
    card: CardSummary | None = None
    next_action: BuyerAction | None = None
    authorized_until: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    dispute: DisputeNews | None = None
    """A dispute that was opened together with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundNews(_Answer):
    """A refund, as the processor sees it now."""

    reference: str
    state: RefundState
    fee: int = 0
    """What it returned of its fee."""
    error_code: str | None = None
    error_message: str | None = None
    amount: int | None = None
    """Minor units. Null where the processor does not repeat it."""
    charge_reference: str | None = None
    """The payment that it is of, by which one that was made at the processor itself is booked."""


News = TypeVar("News", ChargeNews, RefundNews, DisputeNews)


def _plain(value: Any) -> Any:
    if isinstance(value, _Answer):
        return value.as_data()
    return value.isoformat() if isinstance(value, datetime) else value
