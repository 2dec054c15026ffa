"""The database: pools for reads, for writes and for the gateway's own business, each with its own role.

- ``options.py``       where it is, the roles, the time limits
- ``connections.py``   how connections begin; the one that remembers its store
- ``transactions.py``  our own BEGIN and COMMIT around a session
- ``admin_transaction.py``  one over accounts and their stores
- ``replica.py``       the standby that reports are read from
- ``statistics.py``    the planner's, of tables that have just grown
- ``snapshots.py``     long reads that see one state of a store
- ``database.py``      all of it together: ``Database``
"""

from domain.kernel.database.admin_transaction import AdminTransaction
from domain.kernel.database.connections import StoreConnection, plain_url
from domain.kernel.database.database import Database, FindStores, RoleError
from domain.kernel.database.options import (
    APP_ROLE,
    OWNER_ROLE,
    POOL_WAIT,
    READ_TIMEOUT,
    STOREFRONT_ROLE,
    STOREFRONT_SCHEMA,
    SYSTEM_ROLE,
    WRITE_TIMEOUT,
    DatabaseOptions,
)

__all__ = [
    "APP_ROLE",
    "OWNER_ROLE",
    "POOL_WAIT",
    "READ_TIMEOUT",
    "STOREFRONT_ROLE",
    "STOREFRONT_SCHEMA",
    "SYSTEM_ROLE",
    "WRITE_TIMEOUT",
    "AdminTransaction",
    "Database",
    "DatabaseOptions",
    "FindStores",
    "RoleError",
    "StoreConnection",
    "plain_url",
]
