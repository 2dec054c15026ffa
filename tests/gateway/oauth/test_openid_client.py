"""Every flow and each attack by a second client library that is not ours: openid-client, against a real process.

The checks are in ``tests/tools/clients/openid.mjs``. One run makes all of them, and each is a test here, by its name.
What was taken out to see them fail: the issuer of redirects (39 checks), the strict PKCE (6), ending a grant (5), using
up a refresh token (2), the owner of an introspected token and the refusal of repeated parameters (1 each).
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict

import pytest

from domain.access import oauth
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from tests.conftest import open_shop
from tests.gateway import server_process
from tests.gateway.clients.conftest import TOOLS, node
from tests.gateway.oauth.conftest import CALLBACK, PASSWORD, Application, add_client, add_user

SCRIPT = TOOLS / "clients/openid.mjs"


def names() -> list[str]:
    """The names of the checks, as the script has them; those of a loop once for each of its values."""
    found: list[str] = []
    values: list[str] = []
    for line in SCRIPT.read_text().splitlines():
        if loop := re.fullmatch(r"for \(const \w+ of \[(.+)\]\) \{", line):
            values = re.findall(r"'(\w+)'", loop[1])
        if checked := re.match(r" *check\(['`](.+)['`], async", line):
            found += [re.sub(r"\$\{\w+\}", value, checked[1]) for value in values] if "${" in line else [checked[1]]
    return found


@pytest.fixture(scope="module")
async def failures(database: Database, database_url: str) -> dict[str, str | None]:
    """What is wrong, by the name of the check; None if nothing is."""
    shop = await open_shop(database, new_id("acct"))
    user = await add_user(database, shop.live.store.account_id)
    confidential = oauth.ClientType.CONFIDENTIAL
    clients = {
        "public": await add_client(database, shop.live),
        "narrow": await add_client(database, shop.live, scopes=("products:read",)),
        "confidential": await add_client(database, shop.live, type=confidential),
        "reader": await add_client(database, shop.live, type=confidential, redirect_uris=(), scopes=("products:read",)),
        "unknown": Application(new_id("cli"), "live_cs_unknown"),
    }
    setup = {
        "user": {**asdict(user), "password": PASSWORD},
        "clients": {name: asdict(client) for name, client in clients.items()},
    }
    async with server_process.serving(database_url) as server:
        printed = await node(SCRIPT, server.base, SETUP=json.dumps(setup))
    lines = [json.loads(line) for line in printed.splitlines()]
    return {line["name"]: line["failure"] for line in lines}


@pytest.mark.parametrize("name", names())
async def test_openid_client(name: str, failures: dict[str, str | None]) -> None:
    assert failures[name] is None, failures[name]


async def test_every_check_is_a_test(failures: dict[str, str | None]) -> None:
    """Red when the script ends early."""
    assert list(failures) != []
    assert set(failures) == set(names())
    assert len(names()) == len(set(names())) >= 43
    assert f"'{CALLBACK}'" in SCRIPT.read_text()
