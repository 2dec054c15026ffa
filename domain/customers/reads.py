"""The reads and the listing of customers, declared once for dataloaders, REST endpoints and query plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, select

from domain.customers.model import Customer, CustomerAddress, CustomerLastOrder, CustomerTag
from domain.customers.search import SEARCH, filter_by_email, filter_by_name
from domain.kernel.address import ADDRESS_FIELDS
from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import AdaptiveFilter, FilterClause, Listing
from domain.kernel.listing.counted_filters import within
from domain.kernel.listing.filters import at_or_after, at_or_before, one_of, tag_filter
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.statements import STORE

SCOPE = "customers:read"

_customer = Customer.__table__.c
_address = CustomerAddress.__table__.c
_last = CustomerLastOrder.__table__.c

_CUSTOMERS = select(
    _customer.id,
    _customer.email,
    _customer.email_key,
    _customer.first_name,
    _customer.last_name,
    _customer.name_key,
    _customer.phone,
    _customer.phone_e164,
    _customer.tags,
    _customer.metadata,
    _customer.acquisition_channel,
    _customer.status,
    _customer.default_shipping_id,
    _customer.default_billing_id,
    _customer.archived_at,
    _customer.erased_at,
    _customer.version,
    _customer.created_at,
    _customer.updated_at,
)
_ADDRESSES = select(
    _address.id,
    _address.customer_id,
    *(_address[name] for name in ADDRESS_FIELDS),
    _customer.default_shipping_id.is_not_distinct_from(_address.id).label("default_shipping"),
    _customer.default_billing_id.is_not_distinct_from(_address.id).label("default_billing"),
    _address.created_at,
    _address.updated_at,
).join(Customer, and_(_customer.store_id == _address.store_id, _customer.id == _address.customer_id))

customer_by_id = Read("customer_by_id", _CUSTOMERS, scope=SCOPE, store=_customer.store_id, key=_customer.id)
customer_by_email = Read(
    "customer_by_email", _CUSTOMERS, scope=SCOPE, store=_customer.store_id, key=_customer.email_key
)
address_by_id = Read("address_by_id", _ADDRESSES, scope=SCOPE, store=_address.store_id, key=_address.id)
addresses_by_customer = Read(
    "addresses_by_customer",
    _ADDRESSES,
    scope=SCOPE,
    store=_address.store_id,
    key=_address.customer_id,
    order=(_address.customer_id, _address.id),
    many=True,
    likely=2,
)


def _with_last_order(statement: Select[Any]) -> Select[Any]:
    own = and_(_last.store_id == _customer.store_id, _last.customer_id == _customer.id)
    return statement.join(CustomerLastOrder, own).where(_last.store_id == STORE).add_columns(_last.last_order_at)


customers = Listing(
    "customers",
    _CUSTOMERS,
    scope=SCOPE,
    store=_customer.store_id,
    id=_customer.id,
    sorts={
        "created_at": _customer.created_at,
        "updated_at": _customer.updated_at,
        "name": _customer.name_key,
        "email": _customer.email_key,
        "last_order": _last.last_order_at,
    },
    joined={"last_order": FilterClause(_with_last_order, {"last_order": _last.last_order_at, "id": _last.customer_id})},
    filters={
        "status": one_of("status", _customer.status, ("created_at",)),
        "email": AdaptiveFilter(filter_by_email),
        "name": AdaptiveFilter(filter_by_name),
        "tags": tag_filter(Customer.__table__, CustomerTag.__table__, "customer_id"),
        "created_from": at_or_after("created_from", _customer.created_at),
        "created_to": at_or_before("created_to", _customer.created_at),
        **within("updated_from", "updated_to", Customer.__table__, "updated_at", sort="updated_at"),
    },
    search=SEARCH.find,
)


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the filters unchanged. Raises MalformedRequest for a time range that ends before it begins."""
    refuse_reversed(filters, "created_from", "created_to")
    refuse_reversed(filters, "updated_from", "updated_to")
    return filters
