"""The table of commands, by which each is loaded when it is run."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import typer

from gateway import cli
from gateway.cli.late_commands import COMMANDS, LateCommands


def declared() -> dict[str, typer.Typer]:
    """The groups that the modules declare, as the table names them."""
    modules = [each.name for each in pkgutil.iter_modules(cli.__path__)]
    return {
        f"{module}:{variable}": value
        for module in modules
        for variable, value in vars(import_module(f"gateway.cli.{module}")).items()
        if isinstance(value, typer.Typer)
    }


def test_every_declared_command_is_in_the_table() -> None:
    """Taken out: a row of the table; a command of ``contracts``."""
    groups = declared()
    assert set(groups) == set(COMMANDS.values())
    for place, group in groups.items():
        names = [name for name, each in COMMANDS.items() if each == place]
        if place.endswith(":app"):
            assert len(names) == len(group.registered_commands), place
        else:
            assert len(names) == 1, place


def test_a_command_has_the_name_of_its_row() -> None:
    """Taken out: the name of a group."""
    commands = LateCommands(COMMANDS)
    assert [each.name for each in commands.values()] == list(COMMANDS)
