"""Whether two engines have answered the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, Node, get_location

from gateway.execution import GraphQLResponse, Operation


def agree(operation: Operation, one: GraphQLResponse, other: GraphQLResponse) -> bool:
    """Whether two answers to an operation say the same, but for chance (see ``told``).

    A field that makes a request malformed takes ``data`` away, unless it is given up for a sibling that fails first.
    """
    if one.executed == other.executed:
        return told(one) == told(other)
    refused, answered = (other, one) if one.executed else (one, other)
    nulled = told(answered)["spread"]
    below = [
        place
        for failure in refused.failures
        for location in failure.locations
        for place in _places(operation)[location]
    ]
    return any(place[: len(null)] == null for place in below for null in map(_without_indexes, nulled))


def _without_indexes(path: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple(step for step in path if isinstance(step, str))


def _places(operation: Operation) -> Mapping[tuple[int, int], list[tuple[str, ...]]]:
    """Where in the answer each field stands, by its line and column in the document."""
    fragments = {
        node.name.value: node for node in operation.document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    found: defaultdict[tuple[int, int], list[tuple[str, ...]]] = defaultdict(list)

    def walk(node: Any, path: tuple[str, ...]) -> None:
        for selected in node.selection_set.selections if node.selection_set else ():
            if isinstance(selected, FragmentSpreadNode):
                walk(fragments[selected.name.value], path)
            elif isinstance(selected, FieldNode):
                place = (*path, (selected.alias or selected.name).value)
                found[_start(selected)].append(place)
                walk(selected, place)
            else:
                walk(selected, path)

    walk(operation.definition, ())
    return found


def _start(node: Node) -> tuple[int, int]:
    assert node.loc is not None
    start = get_location(node.loc.source, node.loc.start)
    return start.line, start.column


def told(answer: GraphQLResponse) -> dict[str, Any]:
    """An answer for comparison.

    Errors have no order. Where null has spread to a place from below, one error there is as good as another: of several
    siblings the first to fail is told, the others are given up, and who is first is chance.
    """
    body: dict[str, Any] = orjson.loads(answer.body)
    data, errors = body.get("data"), body.get("errors", [])
    spread = set()
    exact = []
    for error in errors:
        place = _nulled(data, error.get("path", []))
        if place == error.get("path"):
            exact.append(error)
        else:
            spread.add(tuple(place))
    exact.sort(key=orjson.dumps)
    return {"data": data, "errors": exact, "spread": spread, "has_data": answer.has_data}


def _nulled(data: Any, path: list[str | int]) -> list[str | int]:
    """The place on the way to ``path`` that is null."""
    for depth, step in enumerate(path):
        if data is None:
            return path[:depth]
        data = data[step]
    return path
