"""Publishable keys and public documents on the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import Shop
from tests.gateway.command import gateway_here
from tests.gateway.storefront.conftest import ORIGIN, Goods

Run = Callable[..., subprocess.CompletedProcess[str]]
TEXT = "query Lamps { products { nodes { sku metadata } } }"
CREATE = ("keys", "create", "--mode", "live")


@pytest.fixture
def command(database_url: str, shop: Shop) -> Run:
    """Runs a command for the account of this test."""

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return gateway_here(*map(str, words), "--account", shop.live.store.name, GATEWAY_DATABASE_URL=database_url)

    return run


def printed(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


async def test_a_page_gets_a_key_and_a_document(
    command: Run, tmp_path: Path, goods: Goods, http: httpx.AsyncClient
) -> None:
    (tmp_path / "lamps.graphql").write_text(TEXT)
    register = ("documents", "register", "--mode", "live", tmp_path / "lamps.graphql")
    (line,) = printed(command(*register))
    assert "public" not in line
    (line,) = printed(command(*register, "--public"))
    document = line.split()[0]
    assert line.split()[2:] == ["already", "there", "public"]
    assert "public" in printed(command("documents", "list"))[0]
    made = command(*CREATE, "--name", "Page", "--origin", ORIGIN, "--metadata-key", "material")
    _, secret = printed(made)
    assert secret.startswith("live_pub_")
    assert ORIGIN in next(line for line in printed(command("keys", "list")) if "Page" in line)
    headers = {"Authorization": f"Bearer {secret}", "Origin": ORIGIN}
    answer = await http.post("/graphql", json={"documentId": document}, headers=headers)
    nodes = answer.json()["data"]["products"]["nodes"]
    assert nodes == [{"sku": "LAMP", "metadata": {"material": "brass"}}]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "Required for a secret key."),
        (("--origin", "shop.example"), "Must be a scheme and a host"),
        (("--origin", ORIGIN, "--scopes", "all"), "A publishable key has the scope products:read only."),
        (("--scopes", "all", "--metadata-key", "a"), "Only a publishable key has it."),
    ],
)
def test_what_a_key_cannot_be_is_said(command: Run, words: tuple[str, ...], reason: str) -> None:
    done = command(*CREATE, *words)
    assert (done.returncode, reason in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_document_that_shows_too_much_is_refused(command: Run, tmp_path: Path) -> None:
    (tmp_path / "orders.graphql").write_text("{ orders { totalCount } }")
    done = command("documents", "register", "--mode", "live", "--public", tmp_path / "orders.graphql")
    assert done.returncode == 2
    assert "Query.orders" in done.stderr
