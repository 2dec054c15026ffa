"""Customers with their order totals, and addresses, as REST finds and returns them."""

from __future__ import annotations

from domain import customers, orders
from domain.customers.documents import CustomerAddressDocument, CustomerDocument
from domain.kernel.documents import OneMember
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.orders.documents import OrderSummaryDocument
from rest_compat.objects import OtherKey, OwnedList, RestObject

reads = customers.reads


class CustomerProfileDocument(CustomerDocument):
    """A customer with its addresses and order totals."""

    order_summary = OneMember(
        "Totals of the customer's orders, without cancelled orders. Requires `orders:read`.",
        orders.reads.summary_by_customer,
        OrderSummaryDocument,
        otherwise=orders.reads.NO_ORDERS,
        scopes=(orders.reads.SCOPE,),
        versioned=False,
    )


CUSTOMER = RestObject(
    path="/customers/{id}",
    noun="customer",
    prefix="cust",
    read=reads.customer_by_id,
    otherwise=OtherKey("e-mail address", reads.customer_by_email, customers.email_key, MAX_EMAIL_LENGTH),
    document=CustomerProfileDocument,
)
ADDRESS = RestObject(
    path="/customers/{id}/addresses/{address_id}",
    noun="address",
    prefix="addr",
    read=reads.address_by_id,
    document=CustomerAddressDocument,
    parent=CUSTOMER,
    parent_key="customer_id",
)
ADDRESSES = OwnedList(CUSTOMER, DocumentRead(CustomerAddressDocument, reads.addresses_by_customer))
