"""Types of the arguments and results of resolvers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NewType

from domain.kernel.errors import Problem

Id = NewType("Id", str)
"""An id: a prefix, an underscore, and 26 characters."""

Cursor = NewType("Cursor", str)
"""A position in the event log."""


@dataclass(frozen=True, slots=True)
class MutationResult:
    """``result`` is what the use case returned; with ``user_errors`` it is None, and nothing was changed.

    Of a bulk that skips what is refused there are both.
    """

    result: Any
    user_errors: tuple[Problem, ...] = ()
