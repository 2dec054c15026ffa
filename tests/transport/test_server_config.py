"""How the server loads its application."""

from __future__ import annotations

import gc

import pytest

from transport.protocols import ServerConfig


class LoadError(Exception):
    """The application cannot be loaded."""


def test_no_garbage_is_collected_while_the_application_is_loaded() -> None:
    """Taken out: ``gc.disable``."""
    collecting = []

    def application() -> object:
        collecting.append(gc.isenabled())
        return object()

    ServerConfig(application, factory=True, log_config=None).load()
    assert (collecting, gc.isenabled()) == ([False], True)


def test_garbage_is_collected_after_a_failure() -> None:
    """Taken out: ``finally``."""

    def application() -> object:
        raise LoadError

    with pytest.raises(LoadError):
        ServerConfig(application, factory=True, log_config=None).load()
    assert gc.isenabled()
