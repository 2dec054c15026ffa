"""Benchmarks that are run by hand at least find what they import."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import benchmarks

MODULES = sorted(
    each.name for each in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.") if "__main__" not in each.name
)


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_can_be_imported(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when one still imports what has moved."""
    monkeypatch.setenv("BENCH_DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")  # of contestants, which are processes
    monkeypatch.setenv("BENCH_STORE", "1")
    assert importlib.import_module(name)
