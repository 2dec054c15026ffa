"""Databases of fixtures that live as long as the run.

A worker of pytest holds half a dozen of them, and the server allows a bounded number of connections: with the pools
of a production process, a run of two workers exhausted them and others were refused.
"""

from __future__ import annotations

from typing import Any

from domain.kernel.database import Database, DatabaseOptions


def shared_database(url: str, **options: Any) -> Database:
    """A database with small pools: at most 12 connections in all, where ``options`` do not say otherwise."""
    sizes = {"read_connections": 5, "write_connections": 4, "system_connections": 2, "identity_connections": 1}
    return Database(DatabaseOptions(url, **{**sizes, **options}))
