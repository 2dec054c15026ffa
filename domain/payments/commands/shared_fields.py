"""Fields that several commands of payments have."""

from __future__ import annotations

from domain.kernel.fields import Choice, FieldLocation, Integer, Text
from domain.kernel.fields.tags import METADATA

INTENT_ID = Text(min=1, max=64, description="The id of the payment intent (`pi_…`).", place=FieldLocation.PATH)
PAYMENT_ID = Text(
    min=1,
    max=64,
    description="The id of the payment (`pay_…`), or of a payment intent (`pi_…`) with one captured payment.",
    place=FieldLocation.PATH,
)
DISPUTE_ID = Text(min=1, max=64, description="The id of the dispute (`dp_…`).", place=FieldLocation.PATH)
DISPUTE_VERSION = Integer(
    description="The version the change is based on. If the dispute has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)
REFUND_ID = Text(min=1, max=64, description="The id of the refund (`re_…`).", place=FieldLocation.PATH)
INTENT_VERSION = Integer(
    description="The version the change is based on. If the payment intent has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)
METHOD = Choice(description="The payment method.", example="card")
PAYMENT_METADATA = METADATA
