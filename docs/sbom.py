"""Write the bill of materials of what is shipped, in CycloneDX 1.6: ``make sbom``.

Distributions, hashes and who needs whom come from a lock, licences from the metadata of what is installed, the
JavaScript of the page for browsers from its lock and its list of licences. The tool cyclonedx-bom was tried first: from
a lock it knows no licences and writes the address of an index, from an environment it knows no hashes and lists the
tools too. Neither the time, nor a serial number, nor anything of the machine is in the document, so two runs write the
same bytes.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.spdx import fixup_id
from packageurl import PackageURL

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "gateway/static"
SPDX_OF_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Those that name one licence; "BSD License" may be any of four, and stays a name."""

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>\S+)")
_NEEDED_BY = re.compile(r"^    #(?: via)? +([A-Za-z0-9._-]+)(?: \(pyproject\.toml\))?$", re.MULTILINE)
_TITLE = re.compile(r"^={80}\n(?P<name>\S+) (?P<version>\S+) \((?P<licence>.+)\)\n={80}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LockedDistribution:
    """A line of a lock with what belongs to it."""

    name: str
    version: str
    sha256: tuple[str, ...]
    """Of all files of the release, any of which pip accepts."""
    needed_by: tuple[str, ...]
    """Names of distributions; that of the project stands for pyproject.toml."""


def read_lock(text: str) -> Iterator[LockedDistribution]:
    """The distributions of a lock of pip-compile, in its order."""
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if line := _LINE.match(block):
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
            needed_by = [name for name in _NEEDED_BY.findall(block) if name != "via"]
            yield LockedDistribution(line["name"], line["version"], tuple(hashes), tuple(needed_by))


def licences_of(distribution: LockedDistribution) -> list[License]:
    """The licences that an installed distribution declares; an expression of SPDX if it has one.

    Raises LookupError, if it is not installed in the locked version, and ValueError if it names no licence.
    """
    about = metadata.metadata(distribution.name)
    if about["Version"] != distribution.version:
        raise LookupError(f"{distribution.name} {distribution.version} is locked and {about['Version']} installed.")
    field = next(iter(about.get_all("License") or []), "").strip().partition("\n")[0]
    titles = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier") or [] if each.startswith("License")]
    texts = [SPDX_OF_CLASSIFIERS.get(each, each) for each in titles]
    if expression := about.get_all("License-Expression"):
        texts = expression
    elif field and (not texts or fixup_id(field)):  # without an identifier of SPDX a field says less than classifiers
        texts = [field]
    if not texts:
        raise ValueError(f"{distribution.name} names no licence.")
    return [declare_licence(text) for text in texts]


def declare_licence(text: str) -> License:
    """A licence as its authors declare it: an identifier or expression of SPDX, or else a name."""
    return LicenseFactory().make_from_string(text, license_acknowledgement=LicenseAcknowledgement.DECLARED)


def describe_distribution(distribution: LockedDistribution) -> Component:
    """A distribution of the lock as a component. Raises as `licences_of` does."""
    return Component(
        type=ComponentType.LIBRARY,
        name=distribution.name,
        version=distribution.version,
        bom_ref=f"pypi:{distribution.name}",
        purl=PackageURL("pypi", name=distribution.name, version=distribution.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in distribution.sha256],
        licenses=licences_of(distribution),
    )


def describe_scripts() -> Iterator[Component]:
    """The npm packages in the bundle of the page for browsers, with the hashes of their archives."""
    packages: Mapping[str, Mapping[str, str]] = json.loads((PAGE / "source/package-lock.json").read_text())["packages"]
    integrity = {
        (path.rpartition("node_modules/")[2], entry["version"]): entry["integrity"]
        for path, entry in packages.items()
        if "integrity" in entry
    }
    for title in _TITLE.finditer((PAGE / "graphiql/LICENSES.txt").read_text()):
        group, _, name = title["name"].rpartition("/")
        digest = base64.b64decode(integrity[title["name"], title["version"]].removeprefix("sha512-")).hex()
        yield Component(
            type=ComponentType.LIBRARY,
            group=group or None,
            name=name,
            version=title["version"],
            bom_ref=f"npm:{title['name']}@{title['version']}",
            purl=PackageURL("npm", namespace=group or None, name=name, version=title["version"]),
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)],
            licenses=[declare_licence(title["licence"])],
        )


def build_sbom(lock: Path) -> str:
    """The JSON document for one lock. Raises as `licences_of` does."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    gateway = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        description=project["description"],
        bom_ref="gateway",
        licenses=[declare_licence(project["license"])],
    )
    properties = [Property(name="cdx:reproducible", value="true")]
    bom = Bom(metadata=BomMetaData(component=gateway, properties=properties))
    locked = list(read_lock(lock.read_text()))
    components = {each.name: describe_distribution(each) for each in locked}
    for each in locked:
        for needed_by in each.needed_by:
            bom.register_dependency(components.get(needed_by, gateway), [components[each.name]])
    scripts = list(describe_scripts())
    bom.register_dependency(gateway, scripts)  # one bundle, which is part of the gateway
    bom.components = [*components.values(), *scripts]
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    del document["serialNumber"], document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(build_sbom(ROOT / sys.argv[1]))
