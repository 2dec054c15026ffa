"""Events: every member of every snapshot is the same, whoever writes it: graphql-core, plans, the database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from domain import events
from domain.events.documents import EventDocument
from domain.kernel.documents.document_reads import DocumentListing, DocumentRead
from domain.kernel.events import REGISTRY
from domain.kernel.listing import Query
from domain.kernel.listing.paging import Window
from tests.execution.comparison import agree
from tests.execution.conftest import Court
from tests.execution.snapshots import Variant, add_events

FIRST_TYPES = {type_.partition(".")[0]: type_ for type_ in reversed(REGISTRY)}.values()
"""The first type of each area."""
WITH_COST = frozenset({"products:write", "analytics:read"})


@pytest.fixture(scope="module")
def court(crowded: Court) -> Court:
    """A shop that other tests do not look at."""
    return crowded


@pytest.fixture(scope="module")
async def snapshots(court: Court) -> Mapping[str, Variant]:
    """What the events have, by the ids of their objects."""
    return await add_events(court.database, court.principal)


def shown(of: object) -> str:
    """All members of a snapshot; of current objects, their id."""
    assert isinstance(of, GraphQLObjectType)
    return f"{{ __typename {' '.join(members(of))} }}"


def members(of: GraphQLObjectType) -> Iterator[str]:
    """The fields of a type without arguments."""
    for name, field in of.fields.items():
        type_ = get_named_type(field.type)
        if is_leaf_type(type_):
            yield name
        elif isinstance(type_, GraphQLObjectType) and "id" not in type_.fields:
            yield f"{name} {shown(type_)}"
        elif isinstance(type_, GraphQLObjectType):
            yield f"{name} {{ id }}"


def document(court: Court, type_: str, *, by_id: bool = False) -> str:
    """All of the snapshot of an event of this type, and what every event shows."""
    event: Any = court.judge.schema.type_map[REGISTRY[type_].__name__]
    snapshot = f"... on {event} {{ snapshot {shown(get_named_type(event.fields['snapshot'].type))} }}"
    each = f"{{ id type objectId cursor createdAt changedFields sequence {snapshot} }}"
    if by_id:
        return f"query ($id: ID!) {{ event(id: $id) {each} }}"
    return f"query ($id: ID!) {{ events(filter: {{ objectId: $id }}, first: 1) {{ totalCount nodes {each} }} }}"


def of_type(snapshots: Mapping[str, Variant], type_: str, *, sound: bool) -> list[tuple[str, Variant]]:
    """The snapshots of events of a type, with the ids of their objects."""
    return [
        (key, variant)
        for key, variant in snapshots.items()
        if key.startswith(f"{type_}-") and variant.is_sound is sound
    ]


@pytest.mark.parametrize("type_", REGISTRY)
async def test_every_member_of_a_snapshot_is_written_by_the_database(
    court: Court, snapshots: Mapping[str, Variant], type_: str
) -> None:
    """Also of full snapshots, and of old ones."""
    operation = court.documents.operation(document(court, type_), None)
    for key, variant in of_type(snapshots, type_, sound=True):
        judged, planned = await court.answers(operation, {"id": key})
        assert agree(operation, planned, judged), variant.name
        assert not judged.failures, (variant.name, judged.failures)
        assert court.writes(operation)
        court.read.clear()
        await court.answer(court.pushing, operation, {"id": key})
        assert len([each for each in court.read if "jsonb_to_record" in each]) == 1


@pytest.mark.parametrize("type_", FIRST_TYPES)
async def test_a_snapshot_that_lacks_a_member_fails_alike(
    court: Court, snapshots: Mapping[str, Variant], type_: str
) -> None:
    """If the member must have a value; otherwise it is null. Each is another operation: one that has failed is not
    pushed down again."""
    text, failed = document(court, type_), 0
    for key, variant in of_type(snapshots, type_, sound=False):
        operation = court.documents.operation(f"{text} # {variant.name}", None)
        judged, planned = await court.answers(operation, {"id": key})
        assert agree(operation, planned, judged), variant.name
        failed += bool(judged.failures)
    assert failed > 3


@pytest.mark.parametrize("scopes", [frozenset(), WITH_COST], ids=["all", "without costs"])
async def test_rest_writes_the_same_of_events(
    court: Court, snapshots: Mapping[str, Variant], scopes: frozenset[str]
) -> None:
    """The database and Python, of every type with every sound snapshot; costs are left out alike."""
    caller = replace(court.principal, scopes=court.principal.scopes - scopes)
    listing, read = (
        DocumentListing(EventDocument, events.reads.events),
        DocumentRead(EventDocument, events.reads.event_by_id),
    )
    assert listing.written(caller, counted=False) is not None
    costs = 0
    async with court.database.read_connection(caller.store) as db:
        for key in (key for key, variant in snapshots.items() if variant.is_sound):
            query = Query(Window(9), {"object_id": key})
            _, (written,) = await listing.page(db, caller, query, counted=False)
            (row,) = (await events.reads.events.page(db, query)).rows
            (plain,) = await EventDocument.of_rows(db, caller, [row])
            found = await read.for_key(db, caller, row.id)
            assert found is not None
            assert exact(written) == exact(found.body) == exact(orjson.dumps(plain)), key
            costs += key.startswith("product.") and b'"cost"' in written
    assert (costs == 0) is (scopes == WITH_COST)


def exact(document: bytes) -> Any:
    """A document with the digits of its numbers."""
    return json.loads(document, parse_float=str, parse_int=str)


async def test_one_event_is_written_by_the_database(court: Court, snapshots: Mapping[str, Variant]) -> None:
    """Of each type; null for a caller who may not read events of its type."""
    by_object = "query ($id: ID!) { events(filter: { objectId: $id }) { nodes { id } } }"
    for type_ in REGISTRY:
        listed = await court.answer(court.plans, court.documents.operation(by_object, None), {"id": f"{type_}-0"})
        (node,) = orjson.loads(listed.body)["data"]["events"]["nodes"]
        operation = court.documents.operation(document(court, type_, by_id=True), None)
        lacking = replace(court.principal, scopes=court.principal.scopes - {events.area_of(type_).scope})
        for caller, is_shown in ((court.principal, True), (lacking, False)):
            judged, planned = await court.answers(operation, node, caller)
            assert agree(operation, planned, judged), type_
            found = orjson.loads(judged.body)["data"]["event"] if is_shown else None
            assert (found is not None) is is_shown
            assert court.writes(operation)
        plain = court.documents.operation("query ($id: ID!) { event(id: $id) { id sequence } }", None)
        judged, planned = await court.answers(plain, node, lacking)
        assert orjson.loads(judged.body) == orjson.loads(planned.body) == {"data": {"event": None}}
