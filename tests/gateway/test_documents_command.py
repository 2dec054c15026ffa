"""``gateway documents``: what builds of clients write is registered, all of it or none."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.access import hash_of_document
from domain.kernel.database import Database
from gateway.cli.manifests import ManifestError, documents_in
from tests.conftest import Shop
from tests.gateway.command import gateway_here

Run = Callable[..., subprocess.CompletedProcess[str]]

A, B = "query A {\r\n  shop { name }\r\n}\r\n", "query B { viewer { scopes } }"
HASHES = [hash_of_document(text) for text in (A, B)]
APOLLO = "apollo-persisted-query-manifest"
BY_HASH = dict(zip(HASHES, (A, B), strict=True))
BY_APOLLO = {
    "format": APOLLO,
    "version": 1,
    "operations": [
        {"id": HASHES[0], "name": "A", "type": "query", "body": A},
        {"id": HASHES[1], "name": "B", "type": "query", "body": B},
    ],
}


@pytest.fixture
def documents(database_url: str, shop: Shop) -> Run:
    """Runs ``gateway documents`` for the account of this test."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        words = ("documents", *map(str, arguments), "--account", shop.live.store.name)
        return gateway_here(*words, GATEWAY_DATABASE_URL=database_url)

    return run


def written(path: Path, manifest: Any) -> Path:
    path.write_text(json.dumps(manifest))
    return path


def lines(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """What was printed, without the ids."""
    assert done.returncode == 0, done.stderr
    return [line.split(maxsplit=1)[1].split() for line in done.stdout.splitlines()]


async def texts_of(database: Database, shop: Shop) -> list[str]:
    async with database.system_connection() as connection:
        statement = "SELECT text FROM trusted_document WHERE store_id = $1 ORDER BY id"
        return [row["text"] for row in await connection.fetch(statement, shop.live.store.number)]


async def test_documents_are_registered_listed_and_removed(
    documents: Run, tmp_path: Path, database: Database, shop: Shop
) -> None:
    (tmp_path / "a.graphql").write_bytes(A.encode())
    files = (tmp_path / "a.graphql", written(tmp_path / "hashes.json", BY_HASH))
    made = documents("register", "--mode", "live", "--name", "Storefront 1.4", *files)
    assert lines(made) == [
        [HASHES[0], "registered", "Storefront", "1.4"],
        [HASHES[0], "already", "there", "Storefront", "1.4"],
        [HASHES[1], "registered", "Storefront", "1.4"],
    ]
    assert await texts_of(database, shop) == [A, B]
    apollo = written(tmp_path / "apollo.json", BY_APOLLO)
    assert lines(documents("register", "--mode", "live", apollo))[0] == [
        *(HASHES[0], "already", "there"),
        *("Storefront", "1.4"),
    ]
    listed = lines(documents("list"))
    assert [[*line[:2], *line[3:]] for line in listed] == [
        ["live", hash, "Storefront", "1.4"] for hash in reversed(HASHES)
    ]
    id = made.stdout.split()[0]
    assert documents("remove", id).stdout == f"{id} is removed.\n"
    again = documents("remove", id)
    assert (again.returncode, await texts_of(database, shop)) == (2, [B])
    assert f"has no document {id}" in again.stderr


async def test_one_document_that_cannot_run_and_none_is_registered(
    documents: Run, tmp_path: Path, database: Database, shop: Shop
) -> None:
    path = written(tmp_path / "manifest.json", {HASHES[0]: A, "1": "query C { nothing }"})
    refused = documents("register", "--mode", "live", path)
    assert refused.returncode == 2
    assert f"{path}: 1: Cannot query field 'nothing' on type 'Query'." in refused.stderr
    lying = documents("register", "--mode", "live", written(path, {HASHES[1]: A}))
    assert lying.returncode == 2
    assert f"{path}: {HASHES[1]}: the hash of the document is {HASHES[0]}, not {HASHES[1]}" in lying.stderr
    assert "Traceback" not in refused.stderr + lying.stderr
    assert await texts_of(database, shop) == []


@pytest.mark.parametrize(
    ("manifest", "found"),
    [
        (BY_HASH, [(A, None), (B, None)]),
        (BY_APOLLO, [(A, "A"), (B, "B")]),
        ({f"sha256:{HASHES[0]}": A, HASHES[1].upper(): B}, [(A, None), (B, None)]),
        ({"f" * 40: A, "f" * 32: B}, [(A, None), (B, None)]),  # SHA-1 and MD5, which say nothing here
    ],
)
def test_every_manifest_is_read(tmp_path: Path, manifest: Any, found: list[tuple[str, str | None]]) -> None:
    read = documents_in(written(tmp_path / "manifest.json", manifest))
    assert [(each.text, each.name) for each in read] == found


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({HASHES[0]: A, HASHES[1]: A}, f"the hash of the document is {HASHES[0]}, not {HASHES[1]}"),
        ({f"sha256:{'0' * 64}": A}, f"the hash of the document is {HASHES[0]}, not"),
        (
            {**BY_APOLLO, "operations": [{"id": HASHES[0], "name": "B", "body": B}]},
            f"B: the hash of the document is {HASHES[1]}",
        ),
        ({"a": 1}, "the file is neither {hash: text} nor an Apollo manifest"),
        ([A], "the file is neither"),
        ({"format": APOLLO, "operations": [{"id": "1"}]}, "the file is neither"),
        ({"format": APOLLO, "operations": [A]}, "the file is neither"),
        ({"format": APOLLO}, "the file is neither"),
        ({"format": "another", "operations": []}, "the file is neither"),
        ({}, "the file contains no document"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, manifest: Any, told: str) -> None:
    with pytest.raises(ManifestError) as refused:
        documents_in(written(tmp_path / "manifest.json", manifest))
    assert told in str(refused.value)
    assert str(tmp_path / "manifest.json") in str(refused.value)


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    for name, content, told in (
        ("a.graphql", b"\xff", "the file is not UTF-8"),
        ("b.json", b"{", "the file is not JSON"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ManifestError, match=told):
            documents_in(tmp_path / name)


def test_a_document_is_read_to_the_byte(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_bytes(A.encode())
    (read,) = documents_in(tmp_path / "a.graphql")
    assert read.text == A
