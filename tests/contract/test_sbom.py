"""The bill of materials of what is shipped: whole, valid, and the same on every machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs.sbom import LockedDistribution, build_sbom, licences_of

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-carriers.lock"]
Document = dict[str, Any]


@pytest.fixture(scope="module", params=LOCKS)
def lock(request: pytest.FixtureRequest) -> str:
    """The name of a lock."""
    return str(request.param)


@pytest.fixture(scope="module")
def document(lock: str) -> Document:
    """The bill of materials of the lock."""
    return dict(json.loads(build_sbom(ROOT / lock)))


def components(document: Document, ecosystem: str) -> dict[str, Document]:
    """The components of an ecosystem of packages, by package URL."""
    return {each["purl"]: each for each in document["components"] if each["purl"].startswith(f"pkg:{ecosystem}/")}


def licence_of(component: Document) -> str:
    """The licences of a component in one text."""
    licences = component["licenses"]
    return ", ".join(
        each.get("expression") or each["license"].get("id") or each["license"]["name"] for each in licences
    )


def test_it_is_valid_by_the_schema(lock: str) -> None:
    """Red with a member that the schema does not know."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(build_sbom(ROOT / lock)) is None


def test_it_has_every_locked_distribution_and_no_other_with_all_its_hashes(lock: str, document: Document) -> None:
    """Red when only the first hash of a distribution is read."""
    lines = (ROOT / lock).read_text().replace("\\\n", "").splitlines()
    expected = {}
    for line in lines:
        if found := re.match(r"([a-z0-9._-]+)(?:\[.*\])?==(\S+) ", line):
            expected[f"pkg:pypi/{found[1]}@{found[2]}"] = set(re.findall(r"sha256:(\w+)", line))
    assert len(expected) > 50
    assert {
        purl: {each["content"] for each in component["hashes"] if each["alg"] == "SHA-256"}
        for purl, component in components(document, "pypi").items()
    } == expected


def test_it_has_every_package_of_the_page_for_browsers(document: Document) -> None:
    """Red without the packages whose names have a scope."""
    text = (ROOT / "gateway/static/graphiql/LICENSES.txt").read_text()
    titles = re.findall(r"^={80}\n(\S+) (\S+) \((.+)\)\n={80}$", text, re.MULTILINE)
    assert len(titles) > 50
    packages = components(document, "npm")
    assert {purl: licence_of(each) for purl, each in packages.items()} == {
        f"pkg:npm/{name.replace('@', '%40')}@{version}": licence for name, version, licence in titles
    }
    assert {(len(each["hashes"]), each["hashes"][0]["alg"]) for each in packages.values()} == {(1, "SHA-512")}


def test_every_component_has_a_licence_and_none_is_copyleft(lock: str, document: Document) -> None:
    """Red without the identifiers of classifiers: too many are mere names then."""
    licences = {each["purl"]: licence_of(each) for each in document["components"]}
    assert all(licences.values())
    copyleft = {purl: text for purl, text in licences.items() if re.search(r"GPL|General Public", text)}
    lesser = {purl for purl, text in copyleft.items() if re.search("LGPL|Lesser", text)}
    assert set(copyleft) == lesser
    assert bool(lesser) is (lock == "requirements-carriers.lock")
    named = sum("name" in each.get("license", {}) for every in document["components"] for each in every["licenses"])
    assert named < 10, "Most licences have an identifier of SPDX."


def test_it_says_who_needs_whom(document: Document) -> None:
    """Red when only those with a single one that needs it are read, whose name is on the line of `via`."""
    needs = {each["ref"]: set(each.get("dependsOn", [])) for each in document["dependencies"]}
    assert needs.keys() == {"gateway", *(each["bom-ref"] for each in document["components"])}
    assert {"pypi:idna", "pypi:multidict"} <= needs["pypi:yarl"]
    declared = {
        canonicalize_name(Requirement(each).name)
        for each in metadata.requires("commerce-gateway") or []
        if "extra ==" not in each
    }
    assert {f"pypi:{name}" for name in declared} <= needs["gateway"]
    reached, ahead = set(), ["gateway"]
    while ahead:
        reached.add(ref := ahead.pop())
        ahead += needs[ref] - reached
    assert reached == needs.keys()


def test_it_has_nothing_of_a_machine_an_index_or_the_time(lock: str) -> None:
    """Red with `str(lock)` in a property. Written twice, by two processes of different seeds, it is the same."""
    runs = {
        subprocess.run(
            [sys.executable, "-m", "docs.sbom", lock],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    text = runs.pop()
    assert text == build_sbom(ROOT / lock)
    assert re.findall(r"[a-z]+://[^\"]*", text) == ["http://cyclonedx.org/schema/bom-1.6.schema.json"]
    assert not re.search(r"\"[^\"]*(/home|/usr|/tmp|site-packages|\.venv)", text)
    assert str(ROOT) not in text
    assert not re.search(r"serialNumber|timestamp", text)


def test_a_distribution_in_another_version_than_the_locked_one_is_refused() -> None:
    """Its licence might be another. Red without the comparison."""
    with pytest.raises(LookupError, match=r"starlette 0\.1 is locked"):
        licences_of(LockedDistribution("starlette", "0.1", (), ()))
