"""Wherever a range of time is asked for, a bare date is the whole UTC day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.kernel.fields import DateBound, DateTime, specs
from resolvers.sources import ListSource, MutationSource
from resolvers.wire_format import WIRE_FORMAT
from rest_compat import ENDPOINTS
from rest_compat.actions import PageAction
from rest_compat.endpoint import Endpoint
from schema.strawberry_internals import field_of
from tests.cases.input_places import Field, fields_with_arguments, prefix_of, query_parameters
from tests.cases.listed_things import ids
from tests.conftest import Ask, Client
from tests.contract.test_made_up_inputs import path_of

__all__ = ["ids"]

OF_WRITES = ("redeliverWebhook", "startEventExport")
"""Ranges of writes, which tests of their own ask with."""


def ends(command: type[Any] | None) -> list[tuple[str, str]]:
    """The ranges of a command: the names of their ends."""
    names = [spec.name for spec in specs(command) if isinstance(spec.rule, DateBound)] if command else []
    return [(name, name.replace("_from", "_to")) for name in names if name.endswith("_from")]


def graphql_ranges() -> list[Any]:
    found = []
    for field in fields_with_arguments():
        source = field_of(field.field).source
        if isinstance(source, ListSource):
            found += [pytest.param(field, *each, id=f"{field.label}.{each[0]}") for each in ends(source.filter)]
    return found


def rest_ranges() -> list[Any]:
    return [
        pytest.param(endpoint, *each, id=f"{endpoint.name}.{each[0]}")
        for endpoint in ENDPOINTS
        if isinstance(endpoint.action, PageAction)
        for each in ends(endpoint.action.filters)
    ]


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_a5_every_range_has_two_ends_and_is_walked() -> None:
    """Every end of a range, of either surface, is one that the tests below ask with.

    Fails when ``ends`` leaves one out, and when a parameter takes an instant (``DateTime``) instead of a range's end.
    """
    declared, walked = set(), {(param.values[0].name, end) for param in rest_ranges() for end in param.values[1:]}
    for endpoint in ENDPOINTS:
        for spec in query_parameters(endpoint):
            assert not isinstance(spec.rule, DateTime), (endpoint.name, spec.name)
            if isinstance(spec.rule, DateBound):
                declared.add((endpoint.name, spec.name))
        if endpoint.body is not None:
            declared |= {
                (endpoint.name, spec.name) for spec in specs(endpoint.body) if isinstance(spec.rule, DateBound)
            }
    assert declared - walked == {(name, end) for name in OF_WRITES for end in ("created_from", "created_to")}
    assert walked <= declared

    declared, walked = (
        set(),
        {(param.values[0].label, WIRE_FORMAT.name(end)) for param in graphql_ranges() for end in param.values[1:]},
    )
    for field in fields_with_arguments():
        moments = {place.path[-1] for place in field.places() if place.scalar == "DateTime"}
        source = field_of(field.field).source
        instants = set()
        if isinstance(source, MutationSource):
            instants = {
                WIRE_FORMAT.name(spec.name)
                for spec in specs(source.use_case.command)
                if isinstance(spec.rule, DateTime)
            }
        declared |= {(field.label, name) for name in moments - instants}
    assert declared - walked == {
        (f"mutation.{name}", end) for name in OF_WRITES for end in ("createdFrom", "createdTo")
    }
    assert walked <= declared


@pytest.mark.parametrize(("field", "first", "last"), graphql_ranges())
async def test_a5_a_bare_date_is_the_whole_day_in_graphql(
    ask: Ask, ids: Mapping[str, str], field: Field, first: str, last: str
) -> None:
    """Taken out to see it fail: the date in ``read_instant`` (GRAPHQL_VALIDATION_FAILED)."""
    since, until = WIRE_FORMAT.name(first), WIRE_FORMAT.name(last)

    async def found(given: str) -> Any:
        call = f"{field.name}({given}) {{ totalCount }}" if given else f"{field.name} {{ totalCount }}"
        if field.owner:
            owner = ids[prefix_of(field.owner)]
            call = f'node(id: "{owner}") {{ ... on {field.owner} {{ {call} }} }}'
        return (await ask(f"{{ {call} }}")).json()

    everything = await found("")
    assert "errors" not in everything
    assert '"totalCount":0' not in json.dumps(everything, separators=(",", ":"))
    assert None not in everything["data"].values()
    today = f'filter: {{{since}: "{day(0)}", {until}: "{day(0)}"}}'
    assert await found(today) == everything
    assert await found(f'filter: {{{since}: "{day(1)}"}}') == await found(f'filter: {{{until}: "{day(-1)}"}}')
    refused = await found(f'filter: {{{since}: "{day(1)}", {until}: "{day(0)}"}}')
    assert "errors" in refused, refused
    problem = refused["errors"][0]["extensions"]["problems"][0]
    assert (problem["field"], problem["message"]) == ([since], f"Must not be later than {until}.")
    variables = {"from": day(0)}
    if not field.owner:
        query = f"query ($from: DateTime) {{ {field.name}(filter: {{{since}: $from}}) {{ totalCount }} }}"
        assert (await ask(query, variables)).json() == everything


@pytest.mark.parametrize(("endpoint", "first", "last"), rest_ranges())
async def test_a5_a_bare_date_is_the_whole_day_in_rest(
    rest: Client, ids: Mapping[str, str], endpoint: Endpoint, first: str, last: str
) -> None:
    """Taken out to see it fail: the day in ``clean_range_end``."""
    path = path_of(endpoint, ids)

    async def found(**given: str) -> Any:
        answer = await rest("GET", path, params=given)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    assert await found(**{first: day(0), last: day(0)}) == await found() != []
    assert await found(**{first: day(1)}) == await found(**{last: day(-1)}) == []
    refused = await rest("GET", path, params={first: day(1), last: day(0)})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"][0]["message"] == f"Must not be later than {last}."


async def test_a5_a_command_takes_a_bare_date_for_a_range_and_none_for_an_instant(ask: Ask) -> None:
    """Taken out to see it fail: as above; and ``DateTime`` reading a date as midnight."""
    endpoint = {"url": "https://hooks.example.com/a", "events": ["*"]}
    create = "mutation ($i: CreateWebhookInput!) { createWebhook(input: $i) { webhook { id } } }"
    webhook = (await ask(create, {"i": endpoint})).json()["data"]["createWebhook"]["webhook"]["id"]
    again = "mutation ($i: RedeliverWebhookInput!) { redeliverWebhook(input: $i) { userErrors { message field } } }"
    right = {"id": webhook, "createdFrom": day(-1), "createdTo": day(0)}
    assert (await ask(again, {"i": right})).json()["data"]["redeliverWebhook"]["userErrors"] == []
    turned = {"id": webhook, "createdFrom": day(0), "createdTo": day(-1)}
    assert (await ask(again, {"i": turned})).json()["data"]["redeliverWebhook"]["userErrors"] == [
        {"message": "Must not be later than createdTo.", "field": ["createdFrom"]}
    ]
    make = "mutation ($i: CreateApiKeyInput!) { createApiKey(input: $i) { userErrors { code field } } }"
    key = {"name": "k", "scopes": ["orders:read"], "expiresAt": "2099-01-01"}
    assert (await ask(make, {"i": key})).json()["data"]["createApiKey"]["userErrors"] == [
        {"code": "INVALID", "field": ["expiresAt"]}
    ]
