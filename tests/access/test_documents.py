"""Trusted documents: what may be one, and that each is there once, whoever registers it how often."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import asyncpg
import orjson
import pytest

from domain import access
from domain.access.commands import MAX_DOCUMENT_LENGTH
from domain.access.service.documents import MAX_TRUSTED_DOCUMENTS
from domain.kernel.database import OWNER_ROLE, Database
from domain.kernel.errors import Conflict, ErrorCode, Forbidden, NotFound, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case_of
from gateway.graphql.limits import MAX_ALIASES, MAX_DEPTH, MAX_DOCUMENT_CHARACTERS
from tests.conftest import Do, Shop

TEXT = "query Shop { shop { name } }"


async def stored(database: Database, caller: Principal) -> list[dict[str, Any]]:
    async with database.system_connection() as connection:
        statement = "SELECT * FROM trusted_document WHERE store_id = $1 ORDER BY id"
        return [dict(row) for row in await connection.fetch(statement, caller.store.number)]


async def audited(database: Database, caller: Principal) -> list[tuple[str, str, dict[str, Any]]]:
    async with database.system_connection() as connection:
        statement = "SELECT * FROM audit_entry WHERE store_id = $1 AND action LIKE 'document.%' ORDER BY id"
        rows = await connection.fetch(statement, caller.store.number)
    return [(row["action"], row["object_id"], orjson.loads(row["details"])) for row in rows]


async def test_a_document_is_kept_to_the_byte_under_its_hash(database: Database, shop: Shop, do: Do) -> None:
    text = " \r\n# Läden\nquery Shop { shop { name } }\t\n"
    registered = await do(access.register_trusted_document, shop.live, text=text, name="Storefront 1.4")
    (row,) = await stored(database, shop.live)
    assert (row["text"], row["name"], row["id"]) == (text, "Storefront 1.4", registered.id)
    assert row["hash"] == hashlib.sha256(text.encode()).hexdigest() == access.hash_of_document(text)
    assert registered.is_new
    assert registered.id.startswith("doc_")
    told = {"hash": row["hash"], "name": "Storefront 1.4"}
    assert await audited(database, shop.live) == [("document.registered", registered.id, told)]


async def test_the_same_text_again_changes_nothing(database: Database, shop: Shop, do: Do) -> None:
    first = await do(access.register_trusted_document, shop.live, text=TEXT, name="One")
    before, log = await stored(database, shop.live), await audited(database, shop.live)
    again = await do(access.register_trusted_document, shop.live, text=TEXT, name="Two")
    assert (again.id, again.is_new, again.document.name) == (first.id, False, "One")
    assert (await stored(database, shop.live), await audited(database, shop.live)) == (before, log)
    with_a_blank = await do(access.register_trusted_document, shop.live, text=f"{TEXT} ")
    assert with_a_blank.id != first.id


@pytest.mark.both_servers
async def test_twenty_who_register_at_once_register_one(database: Database, shop: Shop, do: Do) -> None:
    made = await asyncio.gather(*(do(access.register_trusted_document, shop.live, text=TEXT) for _ in range(20)))
    assert len({each.id for each in made}) == 1
    assert [each.is_new for each in made].count(True) == 1
    assert len(await stored(database, shop.live)) == len(await audited(database, shop.live)) == 1


@pytest.mark.both_servers
async def test_who_registers_in_another_order_waits_for_nobody_in_a_circle(database: Database, shop: Shop) -> None:
    texts = [f"{{ shop {{ name a{number}: id }} }}" for number in range(10)]

    async def register(order: list[str]) -> None:
        async with database.transaction(shop.live) as work:
            for text in order:
                command = use_case_of(access.register_trusted_document).command(text=text)
                await access.register_trusted_document(work, shop.live, command)

    await asyncio.gather(*(register(order) for order in (texts, texts[::-1], texts[5:] + texts[:5])))
    assert sorted(row["text"] for row in await stored(database, shop.live)) == texts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{ shop { name }", "Syntax Error"),
        ("", "Syntax Error"),
        (" \n", "Syntax Error"),
        ("{ shop { nothing } }", "Cannot query field 'nothing'"),
        ("fragment F on Shop { name }", "Fragment 'F' is never used."),
        ("query A { shop { id } } query B { shop { nothing } }", "Cannot query field 'nothing'"),
        ("{ shop { " + " ".join(f"a{number}: name" for number in range(MAX_ALIASES + 1)) + " } }", "limit of aliases"),
        ("{ a " * (MAX_DEPTH + 1) + "}" * (MAX_DEPTH + 1), "limit of depth"),
    ],
)
async def test_what_no_caller_could_run_is_refused(
    database: Database, shop: Shop, do: Do, text: str, told: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await do(access.register_trusted_document, shop.live, text=text)
    assert {(problem.path, problem.code) for problem in refused.value.problems} == {(("text",), ErrorCode.INVALID)}
    assert told in refused.value.problems[0].message
    assert (await stored(database, shop.live), await audited(database, shop.live)) == ([], [])


def test_whatever_may_be_registered_may_be_sent() -> None:
    assert MAX_DOCUMENT_LENGTH <= MAX_DOCUMENT_CHARACTERS


async def test_a_document_of_several_operations_may_be_trusted(shop: Shop, do: Do) -> None:
    text = "query A { shop { id } } mutation B { revokeApiKey(input: {id: 1}) { userErrors { code } } }"
    assert (await do(access.register_trusted_document, shop.live, text=text)).is_new


async def test_a_removed_document_is_gone_and_may_come_again(database: Database, shop: Shop, do: Do) -> None:
    first = await do(access.register_trusted_document, shop.live, text=TEXT)
    removed = await do(access.remove_trusted_document, shop.live, id=first.id)
    assert (removed.deleted_id, await stored(database, shop.live)) == (first.id, [])
    with pytest.raises(NotFound):
        await do(access.remove_trusted_document, shop.live, id=first.id)
    again = await do(access.register_trusted_document, shop.live, text=TEXT)
    assert again.is_new
    assert [action for action, _, _ in await audited(database, shop.live)] == [
        "document.registered",
        "document.removed",
        "document.registered",
    ]


async def test_each_store_has_its_own(database: Database, shop: Shop, other_shop: Shop, do: Do) -> None:
    mine = await do(access.register_trusted_document, shop.live, text=TEXT)
    for stranger in (shop.test, other_shop.live):
        with pytest.raises(NotFound):
            await do(access.remove_trusted_document, stranger, id=mine.id)
        theirs = await do(access.register_trusted_document, stranger, text=TEXT)
        assert theirs.is_new
        assert theirs.id != mine.id
    assert len(await stored(database, shop.live)) == 1


async def test_writing_needs_its_scope(database: Database, shop: Shop, do: Do) -> None:
    reader = Principal(shop.live.store, frozenset({"access:read"}), "key_reader")
    with pytest.raises(Forbidden):
        await do(access.register_trusted_document, reader, text=TEXT)
    mine = await do(access.register_trusted_document, shop.live, text=TEXT)
    with pytest.raises(Forbidden):
        await do(access.remove_trusted_document, reader, id=mine.id)
    assert len(await stored(database, shop.live)) == 1


async def test_a_store_has_so_many_and_no_more(database: Database, database_url: str, shop: Shop, do: Do) -> None:
    owner = await asyncpg.connect(database_url, server_settings={"role": OWNER_ROLE})
    statement = """
    INSERT INTO trusted_document (store_id, id, hash, text, public, created_at)
    SELECT $1, 'doc_' || lpad(n::text, 26, '0'), lpad(n::text, 64, '0'), '{ shop { id } }', false, now()
    FROM generate_series(2, $2::int) AS n
    """
    await owner.execute(statement, shop.live.store.number, MAX_TRUSTED_DOCUMENTS)
    await owner.close()
    last = await do(access.register_trusted_document, shop.live, text=TEXT)
    with pytest.raises(Conflict) as refused:
        await do(access.register_trusted_document, shop.live, text="{ viewer { scopes } }")
    assert refused.value.code is ErrorCode.TOO_LARGE
    assert not (await do(access.register_trusted_document, shop.live, text=TEXT)).is_new
    assert len(await stored(database, shop.live)) == MAX_TRUSTED_DOCUMENTS
    assert [id for _, id, _ in await audited(database, shop.live)] == [last.id]


async def test_changes_are_told_after_the_commit_and_only_changes(database: Database, shop: Shop, do: Do) -> None:
    heard: list[int] = []
    stop = database.on_commit(access.DocumentsChanged, lambda news: heard.append(news.store))
    mine = await do(access.register_trusted_document, shop.live, text=TEXT)
    await do(access.register_trusted_document, shop.live, text=TEXT)
    assert heard == [shop.live.store.number]
    await do(access.remove_trusted_document, shop.live, id=mine.id)
    stop()
    assert heard == [shop.live.store.number] * 2
