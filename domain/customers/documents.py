"""What REST and webhooks write of customers; with the totals of their orders, see ``rest_compat.customers``."""

from __future__ import annotations

from domain.customers import reads
from domain.customers.model import CustomerStatus
from domain.kernel.address import AddressDocument
from domain.kernel.documents import (
    BooleanMember,
    Document,
    EnumMember,
    InstantMember,
    JsonMember,
    ManyMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, UPDATED_AT, VERSION, id_member


class CustomerAddressDocument(AddressDocument):
    """An address of a customer."""

    id = id_member("addr")
    default_shipping = BooleanMember("Whether this is the default shipping address.", example=True)
    default_billing = BooleanMember("Whether this is the default billing address.", example=True)
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class CustomerDocument(Document):
    """A customer."""

    id = id_member("cust")
    email = TextMember("The e-mail address. Unique in the store, ignoring case.", example="customer@example.com")
    first_name = TextMember("The first name.", example="Jane", nullable=True)
    last_name = TextMember("The last name.", example="Doe", nullable=True)
    phone = TextMember("The telephone number as entered.", example="+44 20 7946 0958", nullable=True)
    phone_e164 = TextMember(
        "The telephone number in E.164 format. Null if it is not valid.", example="+442079460958", nullable=True
    )
    tags = TextListMember("The tags. At most 50.", example=["vip", "newsletter"])
    metadata = JsonMember("Custom JSON data.", example={"season": "summer"})
    acquisition_channel = TextMember("The channel through which the customer was acquired.", example="api")
    status = EnumMember("The status of the customer.", CustomerStatus, example="active")
    addresses = ManyMember(
        "The addresses, oldest first. At most 100.", reads.addresses_by_customer, CustomerAddressDocument
    )
    archived_at = InstantMember("When the customer was archived. Null if not archived.", nullable=True)
    erased_at = InstantMember("When the customer was erased. Null if not erased.", nullable=True)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT
