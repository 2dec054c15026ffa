"""Import of order lines with the columns of "Online Retail" (D. Chen, UCI Machine Learning Repository), as they are.

An invoice is an order that was delivered and paid; one whose number begins with `C`, whose quantities are negative, is
an order that was cancelled. What is no sale is refused with its reason: corrections of stock (a negative quantity on an
ordinary invoice) and amounts below zero.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from domain.catalog.commands import SKU_PATTERN
from domain.jobs.imports.items import MAX_RECORDS_OF_ITEM, ImportItem
from domain.jobs.imports.orders.countries import country_of
from domain.jobs.imports.orders.importer import NOT_KNOWN, line_of
from domain.jobs.imports.records import Record
from domain.jobs.service.order_imports import find_known_orders, write_orders
from domain.kernel.address import AddressInput
from domain.kernel.errors import ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.money import Money, to_minor
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import OrderStatus
from domain.orders.commands import MAX_QUANTITY, ImportOrder, ImportOrderItem

SOURCE = "online_retail"
RETURNED = "returned"
"""The reason of cancellations: they return goods."""
_NUMBER, _SKU, _NAME, _QUANTITY = "InvoiceNo", "StockCode", "Description", "Quantity"
_TIME, _PRICE, _CUSTOMER, _COUNTRY = "InvoiceDate", "UnitPrice", "CustomerID", "Country"
_COLUMNS = (_NUMBER, _SKU, _NAME, _QUANTITY, _TIME, _PRICE, _CUSTOMER, _COUNTRY)
_TIME_FORMS = ("%m-%d-%Y %H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
"""The month comes first, but in the two forms of ISO 8601."""
_IS_SKU = re.compile(SKU_PATTERN)
_IS_INTEGER = re.compile(r"-?[0-9]{1,9}")
_MAX_SKU, _MAX_NUMBER, _MAX_NAME = 64, 64, 255


class OnlineRetailImporter:
    """Creates the orders of invoices that were not imported yet."""

    columns = _COLUMNS
    required = (_NUMBER, _SKU, _QUANTITY, _TIME, _PRICE, _COUNTRY)
    ignores_unknown = False
    batch_size = 2_500

    def key(self, record: Record) -> object:
        """The number of the invoice."""
        return record.values.get(_NUMBER)

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """The rows of an invoice."""
        return {"rows": [record.values for record in records]}

    def read(self, members: Mapping[str, Any], currency: str) -> ImportOrder:
        """The order of an invoice. Raises ValidationFailed."""
        rows: list[Mapping[str, str]] = members["rows"]
        invoice = _Invoice(rows, currency)
        if invoice.problems:
            raise ValidationFailed(invoice.problems)
        return invoice.order()

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """Paths are ``rows``, the index of a row and a column; of ``items``, the SKU."""
        column = str(path[2]) if path[:1] == ("rows",) and len(path) > 2 else _SKU
        return (line_of(records, path[1], _SKU) if len(path) > 1 else records[0].line), column

    async def find_known(self, work: UnitOfWork, items: Sequence[ImportItem]) -> None:
        """Orders of these invoices."""
        await find_known_orders(work, items, _NUMBER, _TIME)

    async def write(self, work: UnitOfWork, principal: Principal, items: Sequence[ImportItem]) -> None:
        """One statement per table. Raises ValidationFailed (a product with several variants)."""
        await write_orders(work, principal, items)


class _Invoice:
    """The rows of an invoice, and what is wrong with them."""

    def __init__(self, rows: Sequence[Mapping[str, str]], currency: str) -> None:
        self._first = rows[0]
        self._currency = currency
        self.problems: list[Problem] = []
        self._is_cancelled = self._first.get(_NUMBER, "").startswith("C")
        self._check_number(len(rows))
        self._at = self._time(rows)
        self._items = [self._item(index, row) for index, row in enumerate(rows)]

    def order(self) -> ImportOrder:
        """The order. Only without problems."""
        customer, name = _customer_number(self._first.get(_CUSTOMER, "")), self._first.get(_COUNTRY, "")
        country = country_of(name)
        address = AddressInput(line1=NOT_KNOWN, city=NOT_KNOWN, country=country) if country else UNSET
        return ImportOrder(
            number=self._first[_NUMBER],
            source=SOURCE,
            created_at=self._at,
            items=tuple(item for item in self._items if item is not None),
            status=OrderStatus.CANCELLED if self._is_cancelled else OrderStatus.DELIVERED,
            email=f"{customer}@online-retail.test" if customer else UNSET,
            address=address,
            metadata={"invoice": self._first[_NUMBER], "country": name},
            cancel_reason=RETURNED if self._is_cancelled else UNSET,
        )

    def _item(self, index: int, row: Mapping[str, str]) -> ImportOrderItem | None:
        before = len(self.problems)
        for column in (_CUSTOMER, _COUNTRY):
            if row.get(column) != self._first.get(column):
                self._refuse(index, column, "The rows of an invoice must have the same.")
        sku = row.get(_SKU, "")
        if len(sku) > _MAX_SKU or not _IS_SKU.fullmatch(sku):
            self._refuse(index, _SKU, "Must be text without slashes, of at most 64 characters.")
        quantity, price = self._quantity(index, row.get(_QUANTITY, "")), self._price(index, row.get(_PRICE, ""))
        if len(self.problems) > before:
            return None
        name = row.get(_NAME, "")[:_MAX_NAME]
        return ImportOrderItem(sku=sku, name=name or UNSET, quantity=quantity, price=Money(price, self._currency))

    def _check_number(self, row_count: int) -> None:
        number, customer = self._first.get(_NUMBER, ""), self._first.get(_CUSTOMER, "")
        if customer and not _customer_number(customer):
            self._refuse(0, _CUSTOMER, "Must be letters and digits, or empty for a guest.")
        if not number or len(number) > _MAX_NUMBER:
            self._refuse(0, _NUMBER, f"Must be text of 1 to {_MAX_NUMBER} characters.")
        if row_count >= MAX_RECORDS_OF_ITEM:
            self._refuse(0, _NUMBER, f"An invoice can have at most {MAX_RECORDS_OF_ITEM - 1:,} rows.")

    def _time(self, rows: Sequence[Mapping[str, str]]) -> datetime:
        """Of the first row: those of some invoices were written in two minutes. All of them are checked."""
        first = datetime.min.replace(tzinfo=UTC)
        for index, row in enumerate(rows):
            at = _instant(row.get(_TIME, ""))
            if at is None:
                self._refuse(index, _TIME, "Must be a time such as 12-01-2010 08:26 or 2010-12-01 08:26:00.")
            elif index == 0:
                first = at
        return first

    def _quantity(self, index: int, cell: str) -> int:
        """The quantity without its sign."""
        if not _IS_INTEGER.fullmatch(cell):
            self._refuse(index, _QUANTITY, "Must be an integer.")
            return 0
        quantity = int(cell)
        if quantity == 0 or abs(quantity) > MAX_QUANTITY:
            self._refuse(index, _QUANTITY, f"Must be an integer other than 0, of at most {MAX_QUANTITY:,}.")
        elif self._is_cancelled and quantity > 0:
            self._refuse(index, _QUANTITY, "A cancellation has negative quantities.")
        elif quantity < 0 and not self._is_cancelled:
            self._refuse(index, _QUANTITY, "Below zero on an invoice that is no cancellation: no sale.")
        return abs(quantity)

    def _price(self, index: int, cell: str) -> int:
        """The price in minor units."""
        price = _minor_units(cell, self._currency)
        if isinstance(price, int):
            return price
        self._refuse(index, _PRICE, price)
        return 0

    def _refuse(self, index: int, column: str, message: str) -> None:
        self.problems.append(Problem(("rows", index, column), ErrorCode.INVALID, message))


def _customer_number(cell: str) -> str:
    """The number of a customer, which some copies of the file write as ``17850.0``; empty for a guest."""
    return cell.removesuffix(".0") if cell.removesuffix(".0").isalnum() and cell.isascii() else ""


@lru_cache(maxsize=10_000)
def _instant(cell: str) -> datetime | None:
    """The file's times have no zone: they are taken as UTC, which London's are in winter."""
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(cell, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


@lru_cache(maxsize=10_000)
def _minor_units(cell: str, currency: str) -> int | str:
    """An amount in minor units, or why it is none."""
    try:
        amount = Decimal(cell)
        price = to_minor(amount, currency)
    except (InvalidOperation, ValueError):
        return f"Must be a number such as 2.55, with no more decimals than {currency} has."
    return price if price >= 0 else "An amount below zero is no sale."
