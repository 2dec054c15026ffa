"""Gateways that outlive a test share its database, and must leave its jobs, deliveries and facts alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path("tests")
WIDE = {"session", "package", "module"}


def _scope(function: ast.AST) -> str | None:
    """The scope of a fixture that has one of its own."""
    for decorator in getattr(function, "decorator_list", ()):
        for word in getattr(decorator, "keywords", ()):
            if word.arg == "scope" and isinstance(word.value, ast.Constant):
                return str(word.value.value)
    return None


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def started_in(source: str) -> Iterator[tuple[str, bool]]:
    """The fixtures of many tests that start a gateway, and whether it leaves the work of others alone."""
    for function in ast.walk(ast.parse(source)):
        if _scope(function) not in WIDE:
            continue
        calls = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
        if any(_called(each) == "serving" for each in calls):
            for build in (each for each in calls if _called(each) == "build"):
                given = {word.arg: word.value for word in build.keywords}
                quiet = given.get("sends_webhooks")
                yield getattr(function, "name", ""), isinstance(quiet, ast.Constant) and quiet.value is False


STARTED = [
    (str(path), name, quiet) for path in sorted(TESTS.rglob("*.py")) for name, quiet in started_in(path.read_text())
]


def test_there_are_some() -> None:
    assert len(STARTED) > 2
    loud = "@fixture(scope='session')\ndef gateway():\n    with serving(build(settings, database)): yield"
    assert list(started_in(loud)) == [("gateway", False)]


@pytest.mark.parametrize(("path", "name", "quiet"), STARTED)
def test_a_gateway_of_many_tests_leaves_their_work_alone(path: str, name: str, quiet: bool) -> None:
    assert quiet, f"{name} of {path} leases jobs that other tests queue: build(…, sends_webhooks=False)"
