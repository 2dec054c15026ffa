"""What is held of a customer: for erasing, which leaves the row as nobody's, and for exporting."""

from __future__ import annotations

from sqlalchemy import select

from domain.customers import reads
from domain.customers.model import Customer
from domain.customers.serializers import CustomerDocument, customer_document
from domain.kernel.reads.read import STORE
from domain.kernel.use_cases.personal_data import PERSON, Blank, PersonalObjects, PersonalTable

_customer = Customer.__table__.c

_OWN = {
    "email": Blank.EMAIL,
    "first_name": Blank.NULL,
    "last_name": Blank.NULL,
    "phone": Blank.NULL,
    "phone_e164": Blank.NULL,
    "tags": Blank.LIST,
    "metadata": Blank.OBJECT,
}
CUSTOMER = PersonalTable(
    Customer.__table__,
    _customer.id == PERSON,
    _OWN,
    shown=reads.customer_by_id.statement,
    order=(_customer.id,),
    document=customer_document,
    shows=CustomerDocument,
    scope=reads.SCOPE,
    keeps=frozenset({"acquisition_channel"}),
    owned=reads.addresses_by_customer,
)
"""Addresses, tags and words of names are rows of the customer, and go with what they belong to."""
OBJECTS = PersonalObjects(
    select(_customer.id).where(_customer.store_id == STORE, _customer.id == PERSON).order_by(_customer.id),
    {**_OWN, "addresses": Blank.LIST, "default_shipping_id": Blank.NULL, "default_billing_id": Blank.NULL},
    scope=reads.SCOPE,
)
REMOVED = frozenset({"customer_address", "customer_tag", "customer_word", "customer_search_word"})
"""Tables whose rows erasing removes."""
