"""Areas declare themselves: what one announces is found everywhere it should be, and nowhere is it named again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain import areas
from domain.kernel.events import REGISTRY
from domain.kernel.ids import prefix_of
from domain.kernel.principal import SCOPES
from domain.kernel.sql.tables import Base
from domain.kernel.use_cases.registry import USE_CASES
from gateway.oauth.scope_texts import scope_lines

TOY = '''
"""A toy area, in a package of its own."""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Mapped

from domain.catalog import reads
from domain.catalog.model import Category
from domain.kernel.area import Area, EnumDoc, EventArea, NodeType, own_tables
from domain.kernel.database.partitions import PartitionedTable
from domain.kernel.documents import Document, TextMember
from domain.kernel.events import Event, snapshot_row
from domain.kernel.maintenance import in_batches
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import Base, IdKey, StoreOwned
from domain.kernel.use_cases.personal_data import (
    PERSON_PARAMETER, PersonalData, PersonalObjects, PersonalSection, PersonalTable, Replacement
)


class ToyMade(Event, type="toy.made"):
    """A toy was made."""


class ToyDocument(Document):
    """A toy."""

    id = TextMember("The id.", example="toy_1")
    name = TextMember("The name.", example="Bear")


class Toy(StoreOwned):
    __tablename__ = "toy"

    name: Mapped[str]


class ToyLedger(StoreOwned):
    __tablename__ = "toy_ledger"


class ToyMaker(Base):
    __tablename__ = "toy_maker"

    id: Mapped[IdKey]


async def delete_broken_toys(connection, now) -> bool:
    return False


class ToyColour(StrEnum):
    RED = "red"


_toy = Category.__table__.c
_THEIRS = _toy.slug == PERSON_PARAMETER
AREA = Area(
    scopes=frozenset({"products:read"}),
    events=(ToyMade,),
    event_areas={"toy": EventArea("products:read", snapshot_row, ToyDocument)},
    nodes={"toy": NodeType((reads.category_by_id,))},
    personal_data=PersonalData(
        sections={
            "toys": PersonalSection(
                PersonalTable(
                    Category.__table__, _THEIRS, {"name": Replacement.TEXT}, shown=reads.category_by_id.statement,
                    order=(_toy.id,), document=ToyDocument, scope="products:read"),
                "The toys of the customer.",
            )
        },
        objects=PersonalObjects(
            select(_toy.id).where(_toy.store_id == STORE, _THEIRS), {"name": Replacement.TEXT}, scope="products:read"
        ),
        reads=(reads.category_by_id,),
    ),
    enums=(EnumDoc(ToyColour, "The colour of a toy.", {ToyColour.RED: "Red as a fire engine."}, name="Colour"),),
    tables=own_tables(
        "toybox",
        without_store={"toy_maker"},
        append_only={"toy_ledger"},
        partitioned=(PartitionedTable("toy_ledger", "tled"),),
    ),
    maintenance={"broken toys": in_batches(delete_broken_toys)},
)
'''
FOUND = """
import json, sys
from datetime import timedelta
import domain.areas
domain.areas.AREAS = (*domain.areas.AREAS[:6], "toybox", *domain.areas.AREAS[6:])
from domain import data_export, events
from domain.events.selectors import SELECTORS
from gateway.execution import StrawberryEngine
from gateway.worker import maintenance_tasks
from resolvers.node import NODES
from rest_compat import openapi
from schema.strawberry_internals import definition_of
from toybox.area import ToyColour
colour = definition_of(ToyColour)
document = openapi.document()
schemas = document["components"]["schemas"]
enum = StrawberryEngine().schema.type_map["EventType"]
tables = domain.areas.all_tables()
print(json.dumps({
    "types": [str(type) for type in events.EventType],
    "described": enum.values["TOY_MADE"].description,
    "enum": [colour.name, colour.description, colour.values[0].description],
    "selectors": SELECTORS,
    "nodes": list(NODES),
    "sections": list(data_export.SECTIONS),
    "exported": list(schemas["Disclosure"]["properties"]),
    "reads": [read.name for read in data_export.OPTIONAL_READS],
    "rest": json.dumps(schemas["Event"]["properties"]["type"]),
    "webhooks": list(document["webhooks"]),
    "of_stores": sorted(tables.of_stores),
    "without_store": sorted(tables.without_store),
    "append_only": sorted(tables.append_only),
    "maintenance": list(maintenance_tasks(None, timedelta(days=1))),
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process finds that has the toy area between orders and events."""
    box = tmp_path_factory.mktemp("areas") / "toybox"
    box.mkdir()
    (box / "__init__.py").write_text("")
    (box / "area.py").write_text(TOY)
    root = str(Path(areas.__file__).parent.parent)
    command = [sys.executable, "-c", FOUND]
    ran = subprocess.run(
        command, env={"PYTHONPATH": f"{root}:{box.parent}", "PATH": ""}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def test_a_new_area_has_its_events_everywhere(found: dict[str, Any]) -> None:
    assert "toy.made" in found["types"]
    assert found["described"] == "A toy was made."
    assert {"toy.made", "toy.*"} <= set(found["selectors"])
    assert "toy.made" in found["rest"]
    assert "toy.made" in found["webhooks"]


def test_a_new_area_has_its_enums_described(found: dict[str, Any]) -> None:
    assert found["enum"] == ["Colour", "The colour of a toy.", "Red as a fire engine."]


def test_a_new_area_has_its_objects_and_personal_data_everywhere(found: dict[str, Any]) -> None:
    assert "toy" in found["nodes"]
    assert "toys" in found["sections"]
    assert "toys" in found["exported"]
    assert "category_by_id" in found["reads"]


def test_a_new_area_has_its_tables_everywhere(found: dict[str, Any]) -> None:
    """Which of them are behind row-level security, which grow by the month, and what is removed of them."""
    assert {"toy", "toy_ledger", "product"} <= set(found["of_stores"])
    assert {"toy_maker", "account"} <= set(found["without_store"])
    assert {"toy_ledger", "event"} <= set(found["append_only"])
    assert {"partitions of toy_ledger", "broken toys"} <= set(found["maintenance"])


def test_every_table_is_declared_once_and_belongs_to_a_store_if_it_says_so() -> None:
    declared = [name for area in areas.announcements() for name in area.tables.names]
    assert sorted(declared) == sorted(Base.metadata.tables)
    tables = areas.all_tables()
    with_store = {name for name, table in Base.metadata.tables.items() if "store_id" in table.c}
    assert with_store == tables.of_stores - {"store"}
    assert tables.without_store | tables.append_only | tables.read_only <= tables.names
    assert {each.name for each in tables.partitioned} <= tables.names


def test_tasks_of_maintenance_have_names_of_their_own() -> None:
    """Of two with one name, the worker would run one."""
    names = [name for area in areas.announcements() for name in area.maintenance]
    assert len(names) == len(set(names)) > 0


def test_every_area_declares_what_it_has() -> None:
    """Events by their classes, scopes by its use cases and reads, prefixes once."""
    all_areas = dict(zip(areas.AREAS, areas.load_areas(), strict=True))
    assert {event.type for area in all_areas.values() for event in area.events} == set(REGISTRY)
    for name, area in all_areas.items():
        assert area.scopes <= set(SCOPES)
        own = {
            each.scope
            for each in USE_CASES.values()
            if each.scope and each.name.startswith(f"{name.removeprefix('domain.')}.")
        }
        assert own <= area.scopes, name
        assert {event.type.partition(".")[0] for event in area.events} == set(area.event_areas), name
    prefixes = [prefix for area in all_areas.values() for prefix in area.nodes]
    assert len(prefixes) == len(set(prefixes))
    assert all(prefix_of(f"{prefix}_x") == prefix for prefix in prefixes)


def test_users_can_read_what_every_scope_allows() -> None:
    """Fails for a scope whose area has no words: the page on which users allow a client would respond with 500."""
    read = [scope_lines([scope]) for scope in sorted(SCOPES)]
    assert all(len(lines) == 1 and all(lines[0]) for lines in read)
