"""Pieces of the statements: how PostgreSQL writes objects, lists, money and times as the gateway does."""

from __future__ import annotations


def listed(value: str, source: str, order: str) -> str:
    """A list of ``value`` over the rows of ``source``, in this order."""
    return f"(SELECT coalesce(json_agg({value} ORDER BY {order}), '[]') FROM {source})"


def nodes(value: str, source: str, order: str) -> str:
    """The same as a connection with nothing but its nodes."""
    return f"json_build_object('nodes', {listed(value, source, order)})"


def amount(column: str) -> str:
    """Money of two digits with nothing but its amount."""
    return f"json_build_object('amount', {_digits(column)})"


def money(column: str, currency: str) -> str:
    """Money of two digits with its currency."""
    return f"json_build_object('amount', {_digits(column)}, 'currency', {currency})"


def _digits(column: str) -> str:
    return f"to_char({column} / 100.0, 'FM999999999999990.00')"


def moment(column: str) -> str:
    """An instant in milliseconds; null stays null."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


def answer(members: str) -> str:
    """The statement of an answer with these members of ``data``."""
    return f"SELECT json_build_object('data', json_build_object({members}))"
