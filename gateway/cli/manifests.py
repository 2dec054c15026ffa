"""Files with GraphQL documents: a single document, or a manifest of many, as build tools of clients write it.

Manifests are JSON: ``{hash: text}`` (graphql-codegen's ``persisted-documents.json``, Relay's), or Apollo's
(https://www.apollographql.com/docs/graphos/platform/security/persisted-queries), which also has names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.access import hash_of_document
from gateway.graphql.persisted_queries import HASH_PREFIX, is_hash

APOLLO = "apollo-persisted-query-manifest"


class ManifestError(Exception):
    """A file without valid documents; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """A document in a file."""

    text: str
    name: str | None
    """The name of its operation, if the manifest has it."""
    place: str
    """Where it stands, for messages."""


def documents_in(path: Path) -> list[ManifestEntry]:
    """The documents of a file, which is a manifest if it ends in ``.json``. Raises ManifestError, OSError."""
    try:
        text = path.read_bytes().decode()  # not as text: line ends stay, because the hash covers every byte
        found = (
            list(_listed(path, json.loads(text))) if path.suffix == ".json" else [ManifestEntry(text, None, str(path))]
        )
    except UnicodeDecodeError:
        raise ManifestError(f"{path}: the file is not UTF-8") from None
    except (json.JSONDecodeError, RecursionError):
        raise ManifestError(f"{path}: the file is not JSON") from None
    if not found:
        raise ManifestError(f"{path}: the file contains no document")
    return found


def _listed(path: Path, manifest: Any) -> Iterator[ManifestEntry]:
    for id, text, name in _entries(manifest):
        place = f"{path}: {name or id}"
        if not isinstance(id, str) or not isinstance(text, str) or not isinstance(name, str | None):
            raise ManifestError(f"{path}: the file is neither {{hash: text}} nor an Apollo manifest")
        hash = id.removeprefix(HASH_PREFIX).lower()
        if is_hash(hash) and hash != hash_of_document(text):
            raise ManifestError(f"{place}: the hash of the document is {hash_of_document(text)}, not {hash}")
        yield ManifestEntry(text, name, place)


def _entries(manifest: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Id, text and name of each document; None for what is not there."""
    if not isinstance(manifest, dict):
        yield None, None, None
    elif manifest.get("format") != APOLLO:
        yield from ((id, text, None) for id, text in manifest.items())
    else:
        operations = manifest.get("operations")
        for each in operations if isinstance(operations, list) else [None]:
            operation = each if isinstance(each, dict) else {}
            yield operation.get("id"), operation.get("body"), operation.get("name")
