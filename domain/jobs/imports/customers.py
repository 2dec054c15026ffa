"""Import of customers, each with at most one address in CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import customers
from domain.customers.commands import CreateCustomer
from domain.jobs.imports.columns import Column, column_of, members_of, words
from domain.jobs.imports.items import ImportItem, RowOutcome
from domain.jobs.imports.records import Record
from domain.jobs.imports.wire_format import WIRE_FORMAT
from domain.kernel.errors import Path
from domain.kernel.fields import read_command
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_ADDRESS = ("company", "line1", "line2", "city", "state", "zip", "country")
CUSTOMER_COLUMNS: Mapping[str, Column] = {
    "email": Column(("email",)),
    "first_name": Column(("first_name",)),
    "last_name": Column(("last_name",)),
    "phone": Column(("phone",)),
    "tags": Column(("tags",), words),
    "acquisition_channel": Column(("acquisition_channel",)),
    **{name: Column(("addresses", 0, name)) for name in _ADDRESS},
}
CHANNEL = "import"
"""The acquisition channel of customers whose row names none."""


class CustomerImporter:
    """Creates the customers whose e-mail address is not in the store; others stay as they are."""

    columns = tuple(CUSTOMER_COLUMNS)
    required = ("email",)
    ignores_unknown = False
    batch_size = 200

    def key(self, record: Record) -> object:
        """Each row is a customer."""
        return None

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """A customer, whose address is the default for shipping and for billing."""
        (record,) = records
        found = members_of(record.values, CUSTOMER_COLUMNS)
        address = found.pop("addresses", None)
        if address is None:
            return found
        return {**found, "addresses": [{**address[0], "default_shipping": True, "default_billing": True}]}

    def read(self, members: Mapping[str, Any], currency: str) -> CreateCustomer:
        """The command. Raises ValidationFailed."""
        return read_command(CreateCustomer, {"acquisition_channel": CHANNEL, **members}, WIRE_FORMAT, currency)

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """The column of the only row."""
        return records[0].line, column_of(path, CUSTOMER_COLUMNS)

    async def find_known(self, work: UnitOfWork, items: Sequence[ImportItem]) -> None:
        """Customers with these e-mail addresses, archived ones among them."""
        keys = [customers.email_key(item.command.email) for item in items]
        rows = await customers.reads.customer_by_email.for_keys(work.reader, keys)
        for item, row in zip(items, rows, strict=True):
            if row is not None:
                item.outcome, item.object_id = RowOutcome.UNCHANGED, row.id

    async def write(self, work: UnitOfWork, principal: Principal, items: Sequence[ImportItem]) -> None:
        """One statement per table. Raises Conflict (an e-mail address is in use), ValidationFailed."""
        created = await customers.create_customers(work, principal, [item.command for item in items])
        for item, customer in zip(items, created, strict=True):
            item.outcome, item.object_id = RowOutcome.CREATED, customer.id
