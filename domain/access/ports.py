"""Ports of access: the validation of GraphQL documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class DocumentValidator(Protocol):
    """Checks whether a GraphQL document can be executed."""

    def check(self, text: str, *, public: bool) -> None:
        """Raise ValidationFailed (field ``text``) for a document that is invalid or exceeds a limit of all requests; of
        a ``public`` one also for what shoppers may not see or do.
        """


@dataclass(frozen=True, slots=True)
class AccessDependencies:
    """Dependencies of the use cases of trusted documents."""

    validator: DocumentValidator
