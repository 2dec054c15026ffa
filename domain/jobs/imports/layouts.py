"""The forms of files that each kind of import reads. Those of CSV are told apart by the header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.jobs.imports.customers import CustomerImporter
from domain.jobs.imports.items import Importer
from domain.jobs.imports.orders import OnlineRetailImporter, OrderImporter
from domain.jobs.imports.products import ProductImporter
from domain.jobs.imports.records import CsvReader, JsonLinesReader, RecordReader, check_columns
from domain.jobs.imports.shop_exports import ShopifyImporter, VariationReader, WooCommerceImporter
from domain.jobs.imports.stock import StockImporter
from domain.jobs.model import FileFormat, JobKind

IMPORTERS: Mapping[JobKind, tuple[Importer, ...]] = {
    JobKind.IMPORT_PRODUCTS: (ProductImporter(), ShopifyImporter(), WooCommerceImporter()),
    JobKind.IMPORT_STOCK: (StockImporter(),),
    JobKind.IMPORT_CUSTOMERS: (CustomerImporter(),),
    JobKind.IMPORT_ORDERS: (OrderImporter(), OnlineRetailImporter()),
}
"""Of each kind the form of our own, which JSON Lines have as well, and then those of others."""


def open_file(path: Path, file_format: FileFormat, kind: JobKind) -> tuple[RecordReader, Importer]:
    """The reader of a file, past its header, and the importer of its form. Blocks. Raises SourceFileError."""
    own, *others = IMPORTERS[kind]
    if file_format is FileFormat.JSON_LINES:
        return JsonLinesReader(path), own
    reader = CsvReader(path)
    importer = _recognised(reader.header, others) or own
    known = tuple(reader.header) if importer.ignores_unknown else importer.columns
    check_columns(reader.header, known, importer.required)
    return (VariationReader(reader) if isinstance(importer, WooCommerceImporter) else reader), importer


def _recognised(header: Sequence[str], importers: Sequence[Importer]) -> Importer | None:
    """The importer whose columns are all there."""
    return next((each for each in importers if set(each.required) <= set(header)), None)
