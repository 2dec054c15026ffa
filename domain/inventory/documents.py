"""What REST and webhooks write of stock, warehouses and purchase orders."""

from __future__ import annotations

from domain.inventory import reads
from domain.inventory.model import AlertState, PurchaseOrderStatus
from domain.kernel.documents import (
    BooleanMember,
    DerivedListMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    ManyMember,
    OneMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, ID_TEXT, UPDATED_AT, VERSION, id_member
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row

_PRODUCT = TextMember("The id of the product.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4")
_VARIANT = TextMember("The id of the variant.", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4")
_WAREHOUSE = TextMember("The id of the warehouse.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4")
_AVAILABLE = IntegerMember("The quantity that can be sold: on hand minus reserved.", example=300)
_RESERVED = IntegerMember("The quantity reserved by orders.", example=15)
_ON_HAND = IntegerMember("The quantity on hand.", example=315)


class LocationDocument(Document):
    """The stock of a product, or of one of its variants, in one warehouse."""

    warehouse_id = _WAREHOUSE
    available = _AVAILABLE
    reserved = _RESERVED
    on_hand = _ON_HAND


class LevelDocument(Document):
    """The stock of one variant in one warehouse."""

    id = TextMember(ID_TEXT, example="level_01jd3v4q8rf9k6w2m5n7t0xhz401jd3v4q8rf9k6w2m5n7t0xhz4")
    variant_id = _VARIANT
    warehouse_id = _WAREHOUSE
    available = _AVAILABLE
    reserved = _RESERVED
    on_hand = _ON_HAND


class StoreLevelDocument(LevelDocument):
    """The stock of one variant in one warehouse, in a list of the whole store."""

    product_id = _PRODUCT


class InventoryDocument(Document):
    """The stock of a product, or of one of its variants, in all warehouses."""

    product_id = _PRODUCT
    variant_id = TextMember(
        "The id of the variant whose stock this is. Null if it is the stock of the whole product.",
        example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    total_available = IntegerMember("The quantity that can be sold: on hand minus reserved.", example=450)
    total_reserved = IntegerMember("The quantity reserved by orders.", example=23)
    total_on_hand = IntegerMember("The quantity on hand.", example=473)
    locations = ManyMember(
        "The stock by warehouse, over all variants.",
        reads.locations_by_product,
        LocationDocument,
        key="product_id",
    )
    levels = ManyMember("The stock by variant and warehouse.", reads.levels_by_product, LevelDocument, key="product_id")


class VariantInventoryDocument(InventoryDocument):
    """The stock of one variant in all warehouses."""

    locations = ManyMember(
        InventoryDocument.members["locations"].description,
        reads.locations_by_variant,
        LocationDocument,
        key="variant_id",
    )
    levels = ManyMember(
        InventoryDocument.members["levels"].description, reads.levels_by_variant, LevelDocument, key="variant_id"
    )


class MovementDocument(Document):
    """An entry of the stock ledger: one change of the quantity on hand in one warehouse. Immutable."""

    id = id_member("mov")
    product_id = _PRODUCT
    variant_id = _VARIANT
    warehouse_id = _WAREHOUSE
    quantity = IntegerMember("The change in quantity. Negative if stock left the warehouse.", example=-10)
    reason = TextMember("The reason of the movement.", example="sold")
    note = TextMember("A free-text note.", example="Online order #12345", nullable=True)
    reference = TextMember(
        "The id of the related order, purchase order or opposite transfer movement.",
        example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    actor = TextMember(
        "The id of the API key that made the change, or `system`.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4"
    )
    created_at = CREATED_AT


class AlertDocument(Document):
    """An alert that fires when the available quantity falls below a threshold."""

    id = id_member("alert")
    product_id = _PRODUCT
    variant_id = TextMember(
        "The id of the variant that is watched. Null if all variants are.",
        example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    warehouse_id = TextMember(
        "The id of the warehouse that is watched. Null if all warehouses are.",
        example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    threshold = IntegerMember("The alert fires when fewer units than this are available.", example=10)
    reorder_quantity = IntegerMember(
        "The quantity to order when the alert fires. Null if nothing is ordered.", example=50, nullable=True
    )
    state = EnumMember(
        "The state: armed, or low from the time the stock falls below the threshold until it recovers.",
        AlertState,
        example="armed",
    )
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class InventorySnapshotDocument(InventoryDocument):
    """The stock of a product, or of one of its variants, at the time of an event."""

    alert = OneMember(
        "The alert that fired. Null if none did.", reads.alert_by_id, AlertDocument, key="alert_id", nullable=True
    )


class WarehouseDocument(Document):
    """A warehouse."""

    id = id_member("wh")
    name = TextMember("The display name.", example="Leeds")
    is_default = BooleanMember("Whether this is the default warehouse of the store.", example=False)
    active = BooleanMember(
        "Whether the warehouse can hold stock. An inactive warehouse is empty and accepts none.", example=True
    )
    country = TextMember("The country, as an ISO 3166-1 alpha-2 code. Null if not known.", example="GB", nullable=True)
    state = TextMember("The state, province or county.", example="Yorkshire", nullable=True)
    city = TextMember("The city.", example="Leeds", nullable=True)
    zip = TextMember("The postal code.", example="LS1 4AP", nullable=True)
    line1 = TextMember("The street and number.", example="1 Canal Wharf", nullable=True)
    line2 = TextMember("The second address line: building or unit.", example="Unit 4", nullable=True)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class PurchaseOrderLineDocument(Document):
    """A line of a purchase order: a quantity of one variant."""

    product_id = _PRODUCT
    variant_id = _VARIANT
    quantity = IntegerMember("The ordered quantity.", example=50)
    received = IntegerMember("The quantity received so far.", example=0)


class PurchaseOrderDocument(Document):
    """An order to a supplier, created manually or when an alert with a reorder quantity fires."""

    id = id_member("po")
    product_id = TextMember(
        "The id of the ordered product. Null if the order has several lines.",
        example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    variant_id = TextMember(
        "The id of the ordered variant. Null if the order has several lines.",
        example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    warehouse_id = TextMember(
        "The id of the warehouse that receives the order.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4"
    )
    alert_id = TextMember(
        "The id of the alert that created the order. Null if it was created manually.",
        example="alert_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    status = EnumMember("The status of the purchase order.", PurchaseOrderStatus, example="open")
    quantity = IntegerMember("The ordered quantity over all lines.", example=50)
    received = IntegerMember("The quantity received so far over all lines.", example=0)
    lines = ManyMember(
        "The lines of the order, one per variant. At most 100.",
        reads.lines_by_purchase_order,
        PurchaseOrderLineDocument,
    )
    note = TextMember("A free-text note.", example="By sea", nullable=True)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT
    received_at = InstantMember(
        "When the last outstanding unit was received. Null if units are outstanding.",
        example="2026-01-20T09:00:00Z",
        nullable=True,
    )
    cancelled_at = InstantMember(
        "When the order was cancelled. Null if it was not.", example="2026-01-20T09:00:00Z", nullable=True
    )


class AdjustedDocument(InventoryDocument):
    """The stock after an adjustment, and the movement of the adjustment."""

    movement = OneMember("The movement of the adjustment.", reads.movement_by_id, MovementDocument, key="movement_id")


class StockSetDocument(InventoryDocument):
    """The stock after a quantity was set, and the movement of the difference."""

    movement = OneMember(
        "The movement of the difference. Null if there was no difference.",
        reads.movement_by_id,
        MovementDocument,
        key="movement_id",
        nullable=True,
    )


def _movements(row: Row, _: Principal) -> list[Row]:
    return list(row.movements)


class TransferredDocument(InventoryDocument):
    """The stock after a transfer, and the movements of the transfer."""

    movements = DerivedListMember(
        "The movements out of the source warehouse and into the target warehouse.", MovementDocument, _movements
    )
