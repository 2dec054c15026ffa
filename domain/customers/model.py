"""Customers and their addresses. A customer is the aggregate root: writes to addresses lock it and bump its version."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.kernel.address import ADDRESS_FIELDS, Address
from domain.kernel.fields.contact import e164
from domain.kernel.fields.hosts import unicode_host
from domain.kernel.sql.tables import KEY_TEXT, Base, Document, IdKey, Instant, KeyText, StoreKey, StoreOwned, Texts
from domain.kernel.validation import index_key, name_key_of


class CustomerStatus(StrEnum):
    """Whether a customer is dealt with, put away, or nobody any more."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    ERASED = "erased"


class AddressType(StrEnum):
    """What an address is the default for."""

    SHIPPING = "shipping"
    BILLING = "billing"


class Customer(StoreOwned):
    """Somebody who buys, known by their e-mail address."""

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'archived', 'erased')", name="status"),
        CheckConstraint("(status = 'erased') = (erased_at IS NOT NULL)", name="erased"),
        Index("customer_email_key", "store_id", "email_key", unique=True),
        Index("customer_email_idx", "store_id", "email_key", "id"),
        Index("customer_domain_idx", "store_id", "email_domain_key", "id"),
        Index("customer_created_idx", "store_id", "created_at", "id"),
        Index("customer_updated_idx", "store_id", "updated_at", "id"),
        Index("customer_name_idx", "store_id", "name_key", "id"),
        Index("customer_status_idx", "store_id", "status", "created_at", "id"),
    )

    email: Mapped[str]
    email_key: Mapped[KeyText]
    email_domain_key: Mapped[KeyText]
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    name_key: Mapped[KeyText]
    phone: Mapped[str | None] = mapped_column(Text)
    phone_e164: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[Texts]
    metadata_: Mapped[Document] = mapped_column("metadata")
    acquisition_channel: Mapped[str]
    status: Mapped[CustomerStatus] = mapped_column(KEY_TEXT)
    default_shipping_id: Mapped[KeyText | None]
    default_billing_id: Mapped[KeyText | None]
    archived_at: Mapped[Instant | None]
    erased_at: Mapped[Instant | None]
    version: Mapped[int]
    sequence: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    addresses: Mapped[list[CustomerAddress]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="CustomerAddress.id"
    )

    def set_email(self, email: str) -> None:
        """Change the address and the keys it is unique and found by."""
        self.email = email
        self.email_key = email_key(email)
        self.email_domain_key = email_domain_key(email)

    def rename(self, first_name: str | None, last_name: str | None) -> None:
        """Change the name and the key it is sorted by: the family name first."""
        self.first_name, self.last_name = first_name or None, last_name or None
        self.name_key = name_key_of(f"{self.last_name or ''} {self.first_name or ''}")

    def set_phone(self, phone: str | None) -> None:
        """Change the number, and its form for machines where it is valid."""
        self.phone, self.phone_e164 = phone, e164(phone)

    def archive(self, now: datetime) -> None:
        """Put the customer away; the e-mail address stays taken. Changes nothing of an erased one."""
        if self.status == CustomerStatus.ACTIVE:
            self.status, self.archived_at = CustomerStatus.ARCHIVED, now

    def restore(self) -> None:
        """Take the customer back out of the archive."""
        self.status, self.archived_at = CustomerStatus.ACTIVE, None

    def set_default_address(self, address_id: str, *, shipping: bool | None, billing: bool | None) -> None:
        """Make an address the default for something, or no longer; None leaves that as it is."""
        if shipping is not None:
            self.default_shipping_id = _preferred(self.default_shipping_id, address_id, chosen=shipping)
        if billing is not None:
            self.default_billing_id = _preferred(self.default_billing_id, address_id, chosen=billing)


class CustomerAddress(StoreOwned):
    """Where a customer receives things or bills."""

    __tablename__ = "customer_address"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_address_customer_idx", "store_id", "customer_id", "id"),
    )

    customer_id: Mapped[KeyText]
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    company: Mapped[str | None] = mapped_column(Text)
    line1: Mapped[str]
    line2: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str]
    state: Mapped[str | None] = mapped_column(Text)
    zip: Mapped[str | None] = mapped_column(Text)
    country: Mapped[KeyText]
    phone: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    @property
    def address(self) -> Address:
        """What stands on the parcel."""
        return Address(**{name: getattr(self, name) for name in ADDRESS_FIELDS})

    def write(self, address: Address) -> None:
        """Make it read like ``address``."""
        for name in ADDRESS_FIELDS:
            setattr(self, name, getattr(address, name))


class CustomerTag(Base):
    """A tag of a customer, folded, for the filter; carries ``created_at`` so that the default sort walks this index."""

    __tablename__ = "customer_tag"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_tag_created_idx", "store_id", "tag_key", "created_at", "customer_id"),
    )

    store_id: Mapped[StoreKey]
    customer_id: Mapped[IdKey]
    tag_key: Mapped[IdKey]
    created_at: Mapped[Instant]


class CustomerWord(Base):
    """Every word of a customer's names, folded."""

    __tablename__ = "customer_word"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_word_customer_idx", "store_id", "customer_id", "word"),
    )

    store_id: Mapped[StoreKey]
    word: Mapped[IdKey]
    customer_id: Mapped[IdKey]


class CustomerSearchWord(Base):
    """Every word that a search finds a customer by: of their names, their e-mail address and their telephone number."""

    __tablename__ = "customer_search_word"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_search_word_customer_idx", "store_id", "customer_id", "word"),
    )

    store_id: Mapped[StoreKey]
    word: Mapped[IdKey]
    customer_id: Mapped[IdKey]


class CustomerLastOrder(Base):
    """When a customer last ordered, for the sort; each customer has a row.

    A table of its own, since orders write it: two of one customer at once would wait for each other at the customer's
    row, which both keep from being erased.
    """

    __tablename__ = "customer_last_order"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_last_order_idx", "store_id", "last_order_at", "customer_id"),
    )

    store_id: Mapped[StoreKey]
    customer_id: Mapped[IdKey]
    last_order_at: Mapped[Instant]
    """Of the last order that was not cancelled; the epoch where there is none."""


def email_key(email: str) -> str:
    """The form under which an address, or the beginning of one or of a domain, is unique in the store and found."""
    local, at, domain = email.rpartition("@")
    return index_key(f"{local}{at}{unicode_host(domain)}")


def email_domain_key(email: str) -> str:
    """The form under which the domain of an address is compared."""
    return email_key(email.rpartition("@")[2])


def _preferred(current: str | None, address_id: str, *, chosen: bool) -> str | None:
    if chosen:
        return address_id
    return None if current == address_id else current
