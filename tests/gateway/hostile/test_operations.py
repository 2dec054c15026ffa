"""Operations that nobody should run, by every transport: refused for the right reason, and no database hears of it."""

from __future__ import annotations

import pytest

from gateway.execution import Code
from tests.gateway.hostile.corpus import CORPUS, Hostile
from tests.gateway.hostile.heartbeat import beating, check
from tests.gateway.hostile.transports import Get, Transport


@pytest.mark.parametrize("name", CORPUS)
async def test_a_hostile_operation_is_refused_for_what_it_is(
    transport: Transport, name: str, statements: list[str]
) -> None:
    hostile = CORPUS[name]
    async with beating() as heart:
        answer = await transport.ask(hostile.query, **hostile.members)
    check(heart)
    assert statements == []
    assert "data" not in answer.body
    if isinstance(transport, Get) and not transport.fits(hostile.query, **hostile.members):
        assert (answer.how, answer.codes) == ("414", {Code.BAD_REQUEST})
        return
    assert (answer.how, answer.codes) == (transport.refuses, {hostile.code}), answer
    assert all(error["extensions"]["requestId"].startswith("req_") for error in answer.errors)
    if hostile.limit is not None:
        _names_the_limit(hostile, answer.errors)


def _names_the_limit(hostile: Hostile, errors: list[dict[str, object]]) -> None:
    (error,) = errors
    extensions = error["extensions"]
    assert isinstance(extensions, dict)
    assert (extensions["limit"], extensions["actual"]) == (hostile.limit, hostile.asked)
    actual = {None: "", 1_000_000: "over a million, "}.get(hostile.asked, f"{hostile.asked or 0:,}, ")
    maximum = f"The operation exceeds the limit of {hostile.limit}: {actual}at most {extensions['maximum']:,} allowed."
    assert error["message"] == maximum


async def test_by_get_nothing_is_changed(transport: Transport, statements: list[str]) -> None:
    answer = await transport.ask('mutation { archiveProduct(input: {id: "prod_1"}) { userErrors { code } } }')
    if isinstance(transport, Get):
        assert (answer.how, answer.headers["allow"], answer.codes) == ("405", "POST", {"BAD_REQUEST"})
        assert statements == []
    else:
        assert answer.body["data"]["archiveProduct"] == {"userErrors": [{"code": "NOT_FOUND"}]}
        assert statements != []
