"""Events as callers meet them: what types there are, who may see which, lists of them."""

from domain.webhooks import commands, document, reads
from domain.webhooks.commands import admitted
from domain.webhooks.document import cursor_of
from domain.webhooks.following import follow
from domain.webhooks.types import EventType, object_of, readable_types, wanted_types
from domain.webhooks.wanting import wanting

__all__ = [
    "EventType",
    "admitted",
    "commands",
    "cursor_of",
    "document",
    "follow",
    "object_of",
    "readable_types",
    "reads",
    "wanted_types",
    "wanting",
]
