"""What a mutation came to: the thing changed, or the problems for which nothing was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.kernel.errors import Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """``result`` is what the use case returned; with ``user_errors`` it is None, and nothing was changed.

    Of a bulk that skips what is refused there are both.
    """

    result: Any
    user_errors: tuple[Problem, ...] = ()
