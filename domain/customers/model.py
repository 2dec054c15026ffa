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
    """The status of a customer: active, archived, or erased (anonymized)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    ERASED = "erased"


class AddressType(StrEnum):
    """The purposes an address can be the default for."""

    SHIPPING = "shipping"
    BILLING = "billing"


class Customer(StoreOwned):
    """A customer, identified by the e-mail address."""

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
        """Set the e-mail address and the keys for uniqueness and search."""
        self.email = email
        self.email_key = email_key(email)
        self.email_domain_key = email_domain_key(email)

    def rename(self, first_name: str | None, last_name: str | None) -> None:
        """Set the names and the sort key: last name first."""
        self.first_name, self.last_name = first_name or None, last_name or None
        self.name_key = name_key_of(f"{self.last_name or ''} {self.first_name or ''}")

    def set_phone(self, phone: str | None) -> None:
        """Set the telephone number, and its E.164 form if it is valid."""
        self.phone, self.phone_e164 = phone, e164(phone)

    def archive(self, now: datetime) -> None:
        """Archive the customer, who keeps the e-mail address. Does nothing unless the customer is active."""
        if self.status == CustomerStatus.ACTIVE:
            self.status, self.archived_at = CustomerStatus.ARCHIVED, now

    def restore(self) -> None:
        """Make an archived customer active again."""
        self.status, self.archived_at = CustomerStatus.ACTIVE, None

    def set_default_address(self, address_id: str, *, shipping: bool | None, billing: bool | None) -> None:
        """Set or clear an address as default for shipping and billing. None leaves that default unchanged."""
        if shipping is not None:
            self.default_shipping_id = _default_id(self.default_shipping_id, address_id, chosen=shipping)
        if billing is not None:
            self.default_billing_id = _default_id(self.default_billing_id, address_id, chosen=billing)


class CustomerAddress(StoreOwned):
    """A shipping or billing address of a customer."""

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
        """The postal address."""
        return Address(**{name: getattr(self, name) for name in ADDRESS_FIELDS})

    def set_address(self, address: Address) -> None:
        """Set all members from ``address``."""
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
    """A word of a customer's names, folded. Used by the filter on names."""

    __tablename__ = "customer_word"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_word_customer_idx", "store_id", "customer_id", "word"),
    )

    store_id: Mapped[StoreKey]
    word: Mapped[IdKey]
    customer_id: Mapped[IdKey]


class CustomerSearchWord(Base):
    """A search word of a customer: from the names, the e-mail address or the telephone number."""

    __tablename__ = "customer_search_word"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_search_word_customer_idx", "store_id", "customer_id", "word"),
    )

    store_id: Mapped[StoreKey]
    word: Mapped[IdKey]
    customer_id: Mapped[IdKey]


class CustomerLastOrder(Base):
    """The time of a customer's last order, for the sort; one row per customer.

    It is a table of its own because orders write it: two concurrent orders of one customer would deadlock on the
    customer's row, which both lock against erasure.
    """

    __tablename__ = "customer_last_order"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"], ondelete="CASCADE"),
        Index("customer_last_order_idx", "store_id", "last_order_at", "customer_id"),
    )

    store_id: Mapped[StoreKey]
    customer_id: Mapped[IdKey]
    last_order_at: Mapped[Instant]
    """The time of the last order that was not cancelled; the epoch if there is none."""


def email_key(email: str) -> str:
    """Return the key of an e-mail address, or of a prefix of an address or domain, for uniqueness and search."""
    local, at, domain = email.rpartition("@")
    return index_key(f"{local}{at}{unicode_host(domain)}")


def email_domain_key(email: str) -> str:
    """Return the key by which the domain of an e-mail address is compared."""
    return email_key(email.rpartition("@")[2])


def _default_id(current: str | None, address_id: str, *, chosen: bool) -> str | None:
    if chosen:
        return address_id
    return None if current == address_id else current
