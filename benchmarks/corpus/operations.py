"""The operations of the corpus, read from ``operations.toml`` and ``graphql/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class RestRequest:
    """What REST is asked; places in braces are not filled in."""

    target: str
    method: str = "GET"
    body: Any = None


@dataclass(frozen=True, slots=True)
class CorpusOperation:
    """One operation, on both surfaces if REST has it."""

    name: str
    document: str
    """Of GraphQL."""
    variables: Mapping[str, Any]
    rest: RestRequest | None
    once: bool = False
    """Whether it goes with a key of its own, so that sent again it is done once."""
    apart: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.document.startswith("mutation")


def corpus() -> list[CorpusOperation]:
    """All operations, in the order of the report."""
    declared = tomllib.loads((HERE / "operations.toml").read_text())
    return [_operation(name, given) for name, given in declared.items()]


def _operation(name: str, given: Mapping[str, Any]) -> CorpusOperation:
    return CorpusOperation(
        name,
        (HERE / "graphql" / f"{name}.graphql").read_text(),
        given.get("variables", {}),
        RestRequest(**given["rest"]) if "rest" in given else None,
        given.get("once", False),
        frozenset(given.get("apart", ())),
        frozenset(given.get("alike", ())),
    )
