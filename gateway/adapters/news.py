"""What processes tell each other, whatever carries it."""

from __future__ import annotations

from enum import StrEnum


class News(StrEnum):
    """Each is no more than a reason to look."""

    LOG_GROWN = "log"
    """Events were given their positions, and their deliveries are planned."""
    DELIVERIES_DUE = "deliveries"
    """Deliveries were asked for again, or tests."""
    KEY_ENDED = "keys"
    """A key was revoked or rolled."""
    DOCUMENTS_CHANGED = "trusted-documents"
    """A trusted document was registered or removed."""
