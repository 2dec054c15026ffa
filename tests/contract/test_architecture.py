"""The rules of the house that no linter knows: front doors, transactions, lengths, names."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pytest

from domain.areas import AREAS

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "schema", "resolvers", "rest_compat", "transport", "gateway")
AREA_NAMES = {name.removeprefix("domain.") for name in AREAS}
MAX_LINES = 300
MAX_STATEMENT_LINES = 25
"""Of a function, without its signature and docstring."""
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "core"}
NOUNS = {
    "listing",
    "json_listing",
    "paging",
    "pricing",
    "masking",
    "framing",
    "metering",
    "tracing",
    "routing",
    "binding",
    "shipping",
}
"""Ends in -ing and names a thing, not an activity."""


def modules(*layers: str) -> Iterator[tuple[str, ast.Module, str]]:
    """Path, syntax tree and text of each module; migrations are left out, which stay as they were released."""
    for layer in layers:
        yield from _modules(layer)


@cache
def _modules(layer: str) -> list[tuple[str, ast.Module, str]]:
    paths = [(path.relative_to(ROOT).as_posix(), path) for path in sorted((ROOT / layer).rglob("*.py"))]
    texts = [(name, path.read_text()) for name, path in paths if not name.startswith("domain/migrations/")]
    return [(name, ast.parse(text), text) for name, text in texts]


@cache
def nodes(tree: ast.Module) -> list[ast.AST]:
    """All nodes of a module."""
    return list(ast.walk(tree))


@pytest.fixture(scope="module", autouse=True)
def _forget() -> Generator[None]:
    """The trees of the whole product are not kept for the tests of other files."""
    yield
    _modules.cache_clear()
    nodes.cache_clear()


def test_areas_enter_each_other_by_the_front_door() -> None:
    """``from domain import inventory``, or its commands; what else is inside may move."""
    found = []
    for name, tree, _ in modules("domain"):
        area = name.split("/")[1]
        for node in nodes(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("domain."):
                _, other, *inside = node.module.split(".")
                if area in AREA_NAMES and other in AREA_NAMES - {area} and inside and inside != ["commands"]:
                    found.append(f"{name}: {node.module}")
    assert found == []


TRANSACTION_ENDS = {"commit", "rollback", "begin"}
TRANSACTIONS = {"transaction", "admin_transaction", "system_connection", "batch"}


def _attributes(tree: ast.AST, names: set[str]) -> list[int]:
    """The lines on which something called so is reached."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in names]


def test_services_never_commit() -> None:
    """The transport opens the transaction, and whoever opened it ends it."""
    found = [
        f"{name}:{line}"
        for name, tree, _ in modules("domain")
        if "/service" in name or "/commands" in name
        for line in _attributes(tree, TRANSACTION_ENDS)
    ]
    assert found == []


def _takes_work(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return any(each.annotation is not None and ast.unparse(each.annotation) == "UnitOfWork" for each in arguments)


def test_what_is_given_a_unit_of_work_neither_ends_it_nor_opens_another() -> None:
    """Use cases that are in no ``service``, too: importers, snapshots, personal data. Two transactions may lock each
    other out."""
    functions = [
        (name, node)
        for name, tree, _ in modules("domain")
        if name.split("/")[1] in AREA_NAMES
        for node in nodes(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _takes_work(node)
    ]
    assert len({name for name, _ in functions if "/service/" not in name}) > 10
    assert [
        f"{name}:{line}" for name, node in functions for line in _attributes(node, TRANSACTION_ENDS | TRANSACTIONS)
    ] == []


def test_libraries_imported_by_name_are_those_of_the_adapters() -> None:
    """import-linter sees no ``import_module``: Stripe and karrio are loaded so, at their first use."""
    found = {
        name
        for name, tree, _ in modules(*LAYERS)
        for node in nodes(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("import_module")
        and re.match(r"[f]?['\"](stripe|karrio)\b", ast.unparse(node.args[0]))
    }
    assert found
    assert {name for name in found if not name.startswith("gateway/adapters/")} == set()


def test_files_are_short() -> None:
    assert {name for name, _, text in modules(*LAYERS) if len(text.splitlines()) > MAX_LINES} == set()


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_functions_are_short() -> None:
    long = {
        f"{name}:{node.name}"
        for name, tree, _ in modules(*LAYERS)
        for node in nodes(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > MAX_STATEMENT_LINES
    }
    assert long == set()


def test_modules_are_named_after_what_they_hold() -> None:
    """No activity (``holding.py``), no preposition, nothing that could hold anything."""
    stems = {name: Path(name).stem for name, _, _ in modules(*LAYERS)}
    assert [name for name, stem in stems.items() if stem in VAGUE] == []
    assert [
        name
        for name, stem in stems.items()
        if stem.split("_")[-1].endswith("ing") and stem not in NOUNS and stem.split("_")[-1] not in NOUNS
    ] == []
    assert [name for name, stem in stems.items() if re.fullmatch(r"(under|over|in|on|of|by)_\w+", stem)] == []


def test_files_of_tests_are_named_after_what_they_test() -> None:
    """``test_placement.py``, not ``test_placing.py``; no word that the glossary replaces."""
    stems = {path.relative_to(ROOT).as_posix(): path.stem.split("_") for path in (ROOT / "tests").rglob("*.py")}
    nouns = NOUNS | {"meaning", "restocking", "scheduling", "tracking"}
    assert [name for name, words in stems.items() if words[-1].endswith("ing") and words[-1] not in nouns] == []
    replaced = {"away", "told", "written", "received", "persisted", "hearing", "push", "doors", "asked", "answered"}
    assert [name for name, words in stems.items() if words[-1] in replaced] == []


def test_a_public_class_has_its_name_alone() -> None:
    """But for the pairs of layers: GraphQL's types are called as the rows and events that they describe."""
    homes = defaultdict(list)
    for name, tree, _ in modules(*LAYERS):
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name)
    doubles = {
        name: found
        for name, found in homes.items()
        if len([each for each in found if not each.startswith("schema/")]) > 1
    }
    doubles |= {name: found for name, found in homes.items() if len(found) > 2}
    assert doubles == {}


PARTICIPLE = re.compile(
    r"_?(?:[A-Z][a-z]+(?:ed|ing)|Done|Found|Given|Gone|Held|Kept|Known|Lent|Made|Said|Seen|Sent|Sought|Taken|Told|Written)"
)
BARE_PARTICIPLES = {
    "Denied": "an outcome: Failed, because the caller was not accepted",
    "Failed": "an outcome of a call to the outside, beside Succeeded and Unknown",
    "Keyring": "a noun",
    "Listing": "a noun",
    "Need": "a noun, and no participle",
    "Overloaded": "of the family of DomainError",
    "Settled": "an outcome of a call that settles it: Succeeded or Failed",
    "Succeeded": "an outcome of a call to the outside; adapters match on the three, as on an enum",
    "Tracing": "a noun",
    "Unauthenticated": "of the family of DomainError",
    "Versioned": "GraphQL's interface of that name",
    "_Compared": "a table that a recount compares",
}
"""Names of types that look like a participle without its noun, and what they are."""


def _types(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """The names of classes, aliases and type variables of a module, and whether each is a class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, True
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and re.fullmatch(r"_?(?=\w*[a-z])[A-Z][A-Za-z0-9]*", node.targets[0].id)
        ):
            yield node.targets[0].id, False


def test_a_type_that_is_called_by_a_participle_has_its_noun() -> None:
    """``ReturnedStock``, not ``Returned``; classes, aliases and type variables alike."""
    found = {name for _, tree, _ in modules(*LAYERS) for name, _ in _types(tree) if PARTICIPLE.fullmatch(name)}
    assert found == set(BARE_PARTICIPLES) & found
    assert set(BARE_PARTICIPLES) <= found


DOUBLE_ALIASES = {
    "Base64": "a scalar of GraphQL, and the rule of its values",
    "Document": "a column of a table that holds one",
    "Url": "a scalar of GraphQL, and the rule of its values",
}
"""Aliases that have the name of a class elsewhere. Options of the command line are left out."""


def test_an_alias_has_no_name_of_a_class() -> None:
    found = list(modules(*LAYERS))
    classes = {name for _, tree, _ in found for name, is_class in _types(tree) if is_class and not name.startswith("_")}
    aliases = {
        name
        for path, tree, _ in found
        for name, is_class in _types(tree)
        if not is_class and not name.startswith("_") and not path.startswith("gateway/cli/")
    }
    assert aliases & classes == set(DOUBLE_ALIASES)


UNCLEAR = re.compile(
    r"EVERY|PATIENCE|MOST|KEPT|POLL|PAUSE|FEW|MANY|TIMES|LOCK|CHARACTERS|REMEMBERED|SECONDS|(\w+_)?AT_ONCE|\w+_EVERY"
)


def test_a_constant_makes_sense_where_it_is_imported() -> None:
    """``SEQUENCER_LOCK_ID``, not ``LOCK``: durations carry their unit, limits begin with MAX."""
    names = [
        (path, node.targets[0].id)
        for path, tree, _ in modules(*LAYERS)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    assert [f"{path}: {name}" for path, name in names if UNCLEAR.fullmatch(name)] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_every_module_says_what_it_is_for(layer: str) -> None:
    assert [name for name, tree, text in modules(layer) if text.strip() and not ast.get_docstring(tree)] == []
