"""Derived rows of customers: search words, tags, and the time of the last order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.customers.model import (
    Customer,
    CustomerLastOrder,
    CustomerSearchWord,
    CustomerStatus,
    CustomerTag,
    CustomerWord,
)
from domain.customers.search import words_of_phone
from domain.kernel.clock import EPOCH
from domain.kernel.sql.word_index import words_of
from domain.kernel.use_cases.derived_rows import insert_rows, sync_rows
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold


async def index_customers(work: UnitOfWork, customers: Sequence[Customer]) -> None:
    """Insert all derived rows of new customers, with one statement per table."""
    await insert_rows(work, CustomerWord, [row for customer in customers for row in _word_rows(work, customer)])
    await insert_rows(work, CustomerTag, [row for customer in customers for row in _tag_rows(work, customer)])
    search_words = [row for customer in customers for row in _search_rows(work, customer)]
    await insert_rows(work, CustomerSearchWord, search_words)
    last_orders = [
        {"store_id": work.store.number, "customer_id": customer.id, "last_order_at": EPOCH} for customer in customers
    ]
    await insert_rows(work, CustomerLastOrder, last_orders)


async def reindex_customer(work: UnitOfWork, customer: Customer) -> None:
    """Update the words and tags of a changed customer."""
    await sync_rows(work, CustomerWord.word, _word_rows(work, customer), customer_id=customer.id)
    await sync_rows(work, CustomerSearchWord.word, _search_rows(work, customer), customer_id=customer.id)
    await sync_rows(work, CustomerTag.tag_key, _tag_rows(work, customer), customer_id=customer.id)


def _word_rows(work: UnitOfWork, customer: Customer) -> list[dict[str, Any]]:
    return _rows_of(work, customer, words_of_name(customer))


def _search_rows(work: UnitOfWork, customer: Customer) -> list[dict[str, Any]]:
    if customer.status == CustomerStatus.ERASED:
        return []
    return _rows_of(work, customer, words_of_name(customer) | words_of(customer.email) | words_of_phone(customer.phone))


def words_of_name(customer: Customer) -> set[str]:
    """Return the words of a customer's names."""
    return words_of(customer.first_name or "") | words_of(customer.last_name or "")


def _rows_of(work: UnitOfWork, customer: Customer, words: set[str]) -> list[dict[str, Any]]:
    return [{"store_id": work.store.number, "customer_id": customer.id, "word": word} for word in sorted(words)]


def _tag_rows(work: UnitOfWork, customer: Customer) -> list[dict[str, Any]]:
    own = {"store_id": work.store.number, "customer_id": customer.id, "created_at": customer.created_at}
    return [{**own, "tag_key": key} for key in sorted({fold(tag) for tag in customer.tags})]
