"""The committed GraphQL contract is the one that is served."""

from __future__ import annotations

from pathlib import Path

import schema

PRINTED = Path(schema.__file__).with_name("schema.graphql")


def test_the_committed_schema_is_the_one_served() -> None:
    assert PRINTED.read_text() == f"{schema.schema.as_str()}\n", "run `make schema` and look at what changed"
