"""The personal data of a customer, for erasure (which keeps the anonymized row) and for export."""

from __future__ import annotations

from sqlalchemy import select

from domain.customers import reads
from domain.customers.documents import CustomerDocument
from domain.customers.model import Customer
from domain.kernel.sql.statements import STORE
from domain.kernel.use_cases.personal_data import (
    PERSON_PARAMETER,
    PersonalData,
    PersonalObjects,
    PersonalTable,
    Replacement,
)

_customer = Customer.__table__.c

_OWN = {
    "email": Replacement.EMAIL,
    "first_name": Replacement.NULL,
    "last_name": Replacement.NULL,
    "phone": Replacement.NULL,
    "phone_e164": Replacement.NULL,
    "tags": Replacement.LIST,
    "metadata": Replacement.OBJECT,
}
CUSTOMER = PersonalTable(
    Customer.__table__,
    _customer.id == PERSON_PARAMETER,
    _OWN,
    shown=reads.customer_by_id.statement,
    order=(_customer.id,),
    document=CustomerDocument,
    scope=reads.SCOPE,
    keeps=frozenset({"acquisition_channel"}),
)
"""Rows of addresses, tags and words belong to the customer and are removed with the data they derive from."""
OBJECTS = PersonalObjects(
    select(_customer.id).where(_customer.store_id == STORE, _customer.id == PERSON_PARAMETER).order_by(_customer.id),
    {
        **_OWN,
        "addresses": Replacement.LIST,
        "default_shipping_id": Replacement.NULL,
        "default_billing_id": Replacement.NULL,
    },
    scope=reads.SCOPE,
)
PERSONAL_DATA = PersonalData(
    objects=OBJECTS,
    reads=(reads.customer_by_id, reads.addresses_by_customer),
    removed=frozenset({"customer_address", "customer_tag", "customer_word", "customer_search_word"}),
)
"""The customer itself is the first member of the export; its own use case erases it."""
