"""The event log as it is read: every committed event at its position, in commit order, from any cursor.

- ``sequencer.py``  gives committed events their positions, one process at a time
- ``reader.py``     the process's one reader, which all subscribers follow
- ``cursors.py``    positions as callers see them
"""

from domain.kernel.event_log.cursors import CURSOR_PATTERN, Passed, read_position, write_position
from domain.kernel.event_log.reader import EventLog
from domain.kernel.event_log.sequencer import Sequencer

__all__ = ["CURSOR_PATTERN", "EventLog", "Passed", "Sequencer", "read_position", "write_position"]
