"""The licences of what is shipped: none that would bind whoever uses the gateway (no GPL)."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = {"requirements.lock": False, "requirements-carriers.lock": True}
"""Whether a lock may have the LGPL: libraries that are used as they come, in an extra."""
COPYLEFT = re.compile(r"\b(AGPL|GPL|GNU (Affero )?General Public)", re.IGNORECASE)
LESSER = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)


def locked(lock: str) -> list[str]:
    """The names of the distributions in a lock."""
    return re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==", (ROOT / lock).read_text(), re.MULTILINE)


def licences_of(name: str) -> str:
    """All that a distribution says of its licence, without the text of it."""
    about = metadata.metadata(name)
    classifiers = [each for each in about.get_all("Classifier") or [] if each.startswith("License")]
    return " | ".join([about.get("License-Expression") or "", (about.get("License") or "")[:100], *classifiers])


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_that_is_shipped_has_a_copyleft_licence(lock: str) -> None:
    found = {name: licences_of(name) for name in locked(lock)}
    assert len(found) > 50
    assert {name: text for name, text in found.items() if COPYLEFT.search(text)} == {}
    lesser = {name for name, text in found.items() if LESSER.search(text)}
    assert bool(lesser) is LOCKS[lock], lesser


def test_every_distribution_names_its_licence() -> None:
    assert [name for name in locked("requirements.lock") if not licences_of(name).strip(" |")] == []


def test_the_tests_that_the_threat_model_names_are_there() -> None:
    named = set(re.findall(r"`(tests/[a-z_/]+\.py)`", (ROOT / "SECURITY.md").read_text()))
    assert len(named) > 15
    assert [each for each in sorted(named) if not (ROOT / each).is_file()] == []
