"""What access needs of the world outside: somebody who knows GraphQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class DocumentValidator(Protocol):
    """Says whether a GraphQL document can run."""

    def check(self, text: str) -> None:
        """Raises ValidationFailed, naming ``text``, for what is no document of the schema or beyond a limit of all."""


@dataclass(frozen=True, slots=True)
class AccessDependencies:
    """What use cases of trusted documents are handed."""

    validator: DocumentValidator
