"""Types of the arguments that resolvers take, where Python's own say too little."""

from __future__ import annotations

from typing import NewType

Id = NewType("Id", str)
"""An id as it is spoken: a prefix, an underscore, and 26 characters."""

Cursor = NewType("Cursor", str)
"""A place in the event log."""
