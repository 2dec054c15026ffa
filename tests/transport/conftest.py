"""Served gateways, over real sockets."""

from tests.gateway.conftest import gateway, key, serve

__all__ = ["gateway", "key", "serve"]  # fixtures
