"""The event log as it is read: every committed event at its position, in commit order, from any cursor.

- ``sequencer.py``  gives committed events their positions, one process at a time
- ``reader.py``     the process's one reader, which all subscribers follow
- ``cursors.py``    positions as callers see them
- ``horizon.py``    how far back it is kept, and who comes too late
- ``retention.py``  the dropping of what is old
"""

from domain.kernel.event_log.cursors import (
    CURSOR_PATTERN,
    HORIZON,
    Checkpoint,
    read_position,
    require_retained,
    write_position,
)
from domain.kernel.event_log.reader import EventLog
from domain.kernel.event_log.retention import RetentionLimits, drop_old_events
from domain.kernel.event_log.sequencer import Sequencer

__all__ = [
    "CURSOR_PATTERN",
    "HORIZON",
    "Checkpoint",
    "EventLog",
    "RetentionLimits",
    "Sequencer",
    "drop_old_events",
    "read_position",
    "require_retained",
    "write_position",
]
