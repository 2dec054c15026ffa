"""``gateway documents``: what builds of clients write is registered, all of it or none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.access import hash_of_document
from domain.kernel.database import Database
from tests.conftest import Shop

Run = Callable[..., subprocess.CompletedProcess[str]]

A, B = "query A {\r\n  shop { name }\r\n}\r\n", "query B { viewer { scopes } }"
HASHES = [hash_of_document(text) for text in (A, B)]


@pytest.fixture
def documents(database_url: str, shop: Shop) -> Run:
    """Runs ``gateway documents`` for the account of this test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway", "documents", *arguments, "--account", shop.live.store.name],
            env={**kept, "GATEWAY_DATABASE_URL": database_url, "COLUMNS": "1000"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def relay(*texts: str) -> dict[str, str]:
    return {hash_of_document(text): text for text in texts}


def apollo(*texts: str) -> dict[str, Any]:
    operations = [
        {"id": hash_of_document(text), "name": text.split()[1], "type": "query", "body": text} for text in texts
    ]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}


def written(path: Path, manifest: Any) -> Path:
    path.write_text(json.dumps(manifest))
    return path


def lines(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """What was printed, without the ids."""
    assert done.returncode == 0, done.stderr
    return [line.split(maxsplit=1)[1].split() for line in done.stdout.splitlines()]


async def texts_of(database: Database, shop: Shop) -> list[str]:
    async with database.system() as connection:
        statement = "SELECT text FROM trusted_document WHERE store_id = $1 ORDER BY id"
        return [row["text"] for row in await connection.fetch(statement, shop.live.store.number)]


async def test_documents_are_registered_listed_and_removed(
    documents: Run, tmp_path: Path, database: Database, shop: Shop
) -> None:
    (tmp_path / "a.graphql").write_bytes(A.encode())
    made = documents("register", "--mode", "live", "--name", "Storefront 1.4", tmp_path / "a.graphql")
    assert lines(made) == [[HASHES[0], "registered", "Storefront", "1.4"]]
    assert await texts_of(database, shop) == [A]
    id = made.stdout.split()[0]
    (listed,) = lines(documents("list"))
    assert [*listed[:2], *listed[3:]] == ["live", HASHES[0], "Storefront", "1.4"]
    assert documents("remove", id).stdout == f"{id} is removed.\n"
    again = documents("remove", id)
    assert (again.returncode, await texts_of(database, shop)) == (2, [])
    assert f"has no document {id}" in again.stderr


@pytest.mark.parametrize(
    ("manifest", "names"), [(relay, ([], [])), (apollo, (["A"], ["B"]))], ids=["hash to text", "Apollo's"]
)
async def test_a_manifest_is_registered_and_again_is_there_already(
    documents: Run, tmp_path: Path, database: Database, shop: Shop, manifest: Any, names: tuple[list[str], list[str]]
) -> None:
    (tmp_path / "b.graphql").write_text(B)
    assert lines(documents("register", "--mode", "live", tmp_path / "b.graphql")) == [[HASHES[1], "registered"]]
    path = written(tmp_path / "manifest.json", manifest(A, B))
    assert lines(documents("register", "--mode", "live", path)) == [
        [HASHES[0], "registered", *names[0]],
        [HASHES[1], "there", "already"],  # under the name it had, which is none
    ]
    assert sorted(await texts_of(database, shop)) == [A, B]
    assert lines(documents("register", "--mode", "test", path)) == [
        [hash, "registered", *name] for hash, name in zip(HASHES, names, strict=True)
    ]


async def test_hashes_of_other_kinds_say_nothing(documents: Run, tmp_path: Path) -> None:
    """graphql-codegen's are SHA-1 unless it is told otherwise, Relay's MD5."""
    path = written(tmp_path / "manifest.json", {"f" * 40: A, f"sha256:{HASHES[1]}": B})
    assert [line[0] for line in lines(documents("register", "--mode", "live", path))] == HASHES


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({HASHES[0]: A, HASHES[1]: A}, f"its hash is {HASHES[0]}, not {HASHES[1]}"),
        ({f"sha256:{HASHES[1].upper()}": B, "0" * 64: A}, f"its hash is {HASHES[0]}, not"),
        ({HASHES[0]: A, "1": "query C { nothing }"}, "Cannot query field 'nothing' on type 'Query'."),
        ({HASHES[0]: A, "1": "\ud800"}, "Must be valid UTF-8"),
        ({"a": 1}, "it is neither {hash: text} nor a manifest of Apollo's"),
        ([A], "it is neither"),
        ({"format": "apollo-persisted-query-manifest", "operations": [{"id": "1"}]}, "it is neither"),
        ({"format": "apollo-persisted-query-manifest"}, "it is neither"),
        ({}, "it holds no document"),
    ],
)
async def test_a_wrong_manifest_registers_nothing(
    documents: Run, tmp_path: Path, database: Database, shop: Shop, manifest: Any, told: str
) -> None:
    refused = documents("register", "--mode", "live", written(tmp_path / "manifest.json", manifest))
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "manifest.json" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert await texts_of(database, shop) == []


async def test_files_that_are_no_text_are_refused(documents: Run, tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_bytes(b"\xff")
    (tmp_path / "b.json").write_bytes(b"{")
    for name, told in (("a.graphql", "it is not UTF-8"), ("b.json", "it is not JSON"), ("c.graphql", "does not exist")):
        refused = documents("register", "--mode", "live", tmp_path / name)
        assert refused.returncode == 2
        assert told in refused.stderr
