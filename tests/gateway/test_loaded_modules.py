"""What a server loads before it has answered anything: nothing of what only some requests, jobs or commands need."""

from __future__ import annotations

import base64
import subprocess
import sys
from functools import cache
from importlib.util import find_spec

import pytest

PROGRAM = """
import sys
from gateway import cli
import gateway.cli.serve
from gateway.server import application
from gateway.telemetry.exposition import own_registry
application(own_registry())
print(*sys.modules)
"""
LATE = {
    "migrations": ("alembic", "mako"),
    "webhooks": ("aiohttp", "gateway.adapters.http_sender"),
    "payments": ("stripe",),
    "carriers": ("karrio", "holidays"),
    "labels": ("PIL", "pypdfium2", "reportlab", "fontpkg_noto_sans"),
    "charts": ("vl_convert",),
    "object stores": ("obstore",),
    "pages": ("jinja2",),
    "contact fields": ("email_validator", "phonenumbers"),
    "the OpenAPI document": ("rest_compat.openapi",),
    "wakeups": ("redis", "gateway.adapters.redis_bus", "gateway.adapters.redis_counters"),
    "traces": ("opentelemetry",),
    "other commands": ("gateway.cli.accounts", "gateway.cli.demo", "gateway.cli.imports", "gateway.demo.load"),
}
"""Modules by what needs them. Their children count, too."""


@cache
def loaded() -> frozenset[str]:
    """The modules of a process that is ready to open its database."""
    environment = {
        "PATH": "",
        "PYTHONPATH": ":".join(sys.path),
        "GATEWAY_DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "GATEWAY_ENCRYPTION_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
    }
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment)
    return frozenset(ran.stdout.split())


@pytest.mark.parametrize("name", [name for names in LATE.values() for name in names])
def test_what_is_loaded_when_first_used_is_not_loaded_at_the_start(name: str) -> None:
    """Taken out: each late import, moved to the head of its module."""
    assert find_spec(name) is not None, "the module has another name now"
    assert sorted(each for each in loaded() if each == name or each.startswith(f"{name}.")) == []


def test_a_server_loads_its_surfaces_and_its_worker() -> None:
    """Otherwise the test above would look at a process that loads nothing."""
    assert {"schema", "rest_compat.routing", "gateway.app", "gateway.worker", "uvicorn", "asyncpg"} <= loaded()
