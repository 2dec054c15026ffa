"""Declared documents: PostgreSQL and Python write the same of every row, whatever the caller may see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import Select

from domain.kernel.database import Database
from domain.kernel.documents import Document
from domain.kernel.documents.document_reads import DocumentListing, DocumentRead
from domain.kernel.listing import Query
from domain.kernel.listing.paging import Window
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import compile_select
from rest_compat import ENDPOINTS
from rest_compat.actions import ItemAction, PageAction
from rest_compat.objects import OwnedList, RestObject
from tests.contract.listed_fixtures import Listed

LISTS = {each.path: each.action for each in ENDPOINTS if isinstance(each.action, PageAction)}
PYTHON_ONLY = {"Settings", "ShippingCarrier", "ShippingSettings"}
"""Documents of which PostgreSQL cannot write all: what is shown depends on the row and the caller, or on a snapshot."""


def reads() -> Iterator[tuple[str, DocumentRead]]:
    """Every read of an object or of what it owns, with its path."""
    for endpoint in ENDPOINTS:
        source = endpoint.action.source if isinstance(endpoint.action, ItemAction) else None
        if isinstance(source, OwnedList):
            yield endpoint.path, source.items
        if isinstance(source, RestObject):
            ways = [source.read] if source.otherwise is None else [source.read, source.otherwise.read]
            for read in dict.fromkeys(ways):
                yield f"{endpoint.path} {read.name}", DocumentRead(source.document, read)
        if source is not None:
            for each in vars(type(source)).values():
                if isinstance(each, DocumentRead):
                    yield f"{endpoint.path} {each.read.name}", each


READS = dict(reads())


def views(document: type[Document], owner: Principal) -> list[Principal]:
    """Callers who see all, and callers who lack the scopes of one guard."""
    lacking = [replace(owner, scopes=owner.scopes.difference(guard)) for guard in sorted(document.guards)]
    return [owner, *lacking]


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_is_written_alike(database: Database, listed: Listed, path: str) -> None:
    """Taken out to see it fail: the digits of ``JsonAmount``, the order of ``value_list``."""
    action = LISTS[path]
    listing = DocumentListing(action.document, action.listing)
    for caller in views(action.document, listed.owner):
        assert (listing.written(caller, counted=False) is None) is (action.document.title() in PYTHON_ONLY)
        async with database.read_connection(caller.store, scopes=caller.scopes) as db:
            query = Query(Window(200))
            page, found = await listing.page(db, caller, query, counted=False)
            counted, same = await listing.page(db, caller, query, counted=True)
            plain = await action.listing.page(db, query)
            documents = await action.document.of_rows(db, caller, plain.rows)
        assert parsed(found) == parsed([orjson.dumps(each) for each in documents])
        assert page.has_next == counted.has_next == plain.has_next
        assert (same, counted.total) == (found, len(found))


@pytest.mark.parametrize("path", READS)
async def test_an_object_is_written_alike(database: Database, listed: Listed, path: str) -> None:
    """Taken out to see it fail: the order of ``Read.as_json``."""
    read = READS[path]
    for caller in views(read.document, listed.owner):
        async with database.read_connection(caller.store, scopes=caller.scopes) as db:
            keys = await some_keys(db, read.read)
            rows = await read.read.all_for_keys(db, keys)
            documents = await read.document.of_rows(db, caller, rows)
            written = await (read.written(caller) or read.read).all_for_keys(db, keys)
        if read.written(caller) is None:
            assert read.document.title() in PYTHON_ONLY
        else:
            by_sql, by_python = [row.document.encode() for row in written], [orjson.dumps(each) for each in documents]
            # A read of one row a key has no order of its own: each statement has that of its plan.
            order = list if read.read.many else sorted
            assert order(map(canonical, parsed(by_sql))) == order(map(canonical, parsed(by_python)))


async def some_keys(db: Any, read: Read) -> list[str]:
    """Keys that the read finds something for."""
    some: Select[Any] = read.rows_of_store.limit(50)
    rows = await db.rows(compile_select(some, read.name), {})
    return sorted({getattr(row, read.keyed_by) for row in rows if getattr(row, read.keyed_by) is not None})


def canonical(document: Any) -> str:
    """A document as a text."""
    return json.dumps(document, sort_keys=True)


def parsed(documents: list[bytes]) -> list[Any]:
    """Documents as values, numbers with their digits."""
    return [json.loads(document, parse_float=str, parse_int=str) for document in documents]
