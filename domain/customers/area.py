"""What customers announce."""

from __future__ import annotations

from domain.customers import personal_data, reads, snapshot
from domain.customers.documents import CustomerDocument
from domain.customers.events import CustomerCreated, CustomerUpdated
from domain.customers.model import AddressType, CustomerStatus
from domain.kernel.area import Area, EnumDoc, EventArea, NodeType, own_tables

_ENUMS = (
    EnumDoc(
        CustomerStatus,
        "The status of a customer.",
        {
            CustomerStatus.ACTIVE: "The customer is active.",
            CustomerStatus.ARCHIVED: "The customer is archived: readable, and the e-mail address stays in use.",
            CustomerStatus.ERASED: "The personal data of the customer was erased. Orders remain without it.",
        },
    ),
    EnumDoc(
        AddressType,
        "The purpose of a default address.",
        {AddressType.SHIPPING: "Shipping address.", AddressType.BILLING: "Billing address."},
    ),
)

AREA = Area(
    scopes=frozenset({"customers:read", "customers:write"}),
    events=(CustomerCreated, CustomerUpdated),
    event_areas={
        "customer": EventArea("customers:read", snapshot.customer_row, CustomerDocument, stored=snapshot.CUSTOMER)
    },
    nodes={"cust": NodeType((reads.customer_by_id,)), "addr": NodeType((reads.address_by_id,))},
    personal_data=personal_data.PERSONAL_DATA,
    tables=own_tables("domain.customers"),
    enums=_ENUMS,
)
