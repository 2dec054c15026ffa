"""Who may introspect the GraphQL schema: a setting, read without loading what executes GraphQL."""

from __future__ import annotations

from enum import StrEnum

from domain.kernel.errors import Forbidden
from domain.kernel.principal import Mode, Store


class IntrospectionRule(StrEnum):
    """Who may ask what the schema is. ``__typename`` is no introspection."""

    AUTO = "auto"
    """Callers of test stores, and of live stores whose account allows it."""
    ON = "on"
    OFF = "off"

    def require(self, store: Store) -> None:
        """Raises Forbidden where it is off."""
        allowed = store.mode is Mode.TEST or store.introspection
        if self is IntrospectionRule.OFF or (self is IntrospectionRule.AUTO and not allowed):
            raise Forbidden(
                "Introspection is disabled. Use a test key, or ask the operator of the gateway for the schema file."
            )
