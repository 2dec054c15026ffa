"""The commands by their names, each loaded when it is run or shown: a server runs one and needs no other."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

COMMANDS = {
    "serve": "serve:app",
    "worker": "serve:app",
    "migrate": "serve:app",
    "demo": "demo:app",
    "import": "imports:app",
    "accounts": "accounts:accounts_app",
    "keys": "accounts:keys_app",
    "analytics": "analytics:analytics_app",
    "audit": "audit:audit_app",
    "users": "users:users_app",
    "clients": "clients:clients_app",
    "documents": "documents:documents_app",
    "events": "events:events_app",
    "webhooks": "webhooks:webhooks_app",
    "secrets": "secrets:secrets_app",
    "schema": "contracts:app",
    "openapi": "contracts:app",
    "settings": "contracts:app",
}
"""The module and the variable of each command, in the order of the help: ``app`` has the command itself, any other
variable is the group of this name."""


class LateCommands(UserDict[str, Any]):
    """Finds commands by their names, and loads them."""

    def __getitem__(self, name: str) -> Any:
        """The command. Raises KeyError."""
        module, _, variable = self.data[name].partition(":")
        group = get_group(getattr(import_module(f"gateway.cli.{module}"), variable))
        if variable == "app":
            return group.commands[name]
        group.name = name
        return group


class LateGroup(TyperGroup):
    """The group of all commands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "commands": LateCommands(COMMANDS)})
