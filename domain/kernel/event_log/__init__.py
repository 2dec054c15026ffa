"""The event log: every committed event at its position, in commit order, from any cursor.

- ``sequencer.py``  assigns positions to committed events, one process at a time
- ``reader.py``     the reader of the process, which all subscribers follow
- ``cursors.py``    positions as callers see them, and the horizon
- ``retention.py``  drops old events
- ``redaction.py``  blanks personal data in snapshots
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
from domain.kernel.event_log.retention import EVENT_PARTITIONS, RetentionLimits, drop_old_events
from domain.kernel.event_log.sequencer import Sequencer

__all__ = [
    "CURSOR_PATTERN",
    "EVENT_PARTITIONS",
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
