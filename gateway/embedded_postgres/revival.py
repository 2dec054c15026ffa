"""Restarts a server that died, from the processes that use it.

Each of them watches; the first one acquires the start lock, and the others find the server responding again.
"""

import logging
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from gateway.embedded_postgres.paths import EmbeddedPostgresError
from gateway.embedded_postgres.server import EmbeddedPostgres

LOOK_SECONDS = 0.5
"""Between two looks whether the server is there: 20 µs each, without a connection."""
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 1.0, 60.0
"""Before another attempt after one that failed, or was followed by another death within SOUND_SECONDS; it doubles."""
SOUND_SECONDS = 60.0

_log = logging.getLogger("gateway.postgres")


@contextmanager
def keep_running(server: EmbeddedPostgres) -> Generator[str]:
    """As the server itself, whose URL it returns; inside, a thread restarts it if it dies. Blocks at the end until an
    attempt in progress is over. Raises EmbeddedPostgresError.
    """
    with server as url:
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(server, ended), name="embedded-postgres", daemon=True)
        watcher.start()
        try:
            yield url
        finally:
            ended.set()
            watcher.join()


def _watch(server: EmbeddedPostgres, ended: threading.Event) -> None:
    delay, revived = 0.0, float("-inf")
    while not ended.wait(LOOK_SECONDS):
        if server.is_running():
            continue
        if time.monotonic() - revived > SOUND_SECONDS:
            delay = 0.0
        if ended.wait(delay):
            return
        delay = min(max(2 * delay, FIRST_DELAY_SECONDS), LONGEST_DELAY_SECONDS)
        try:
            server.acquire()
        except EmbeddedPostgresError as error:
            _log.error(
                "the embedded PostgreSQL stopped unexpectedly and cannot be started: %s; next attempt in %d s",
                error,
                delay,
            )
        else:
            _log.warning("the embedded PostgreSQL stopped unexpectedly and was restarted")
        revived = time.monotonic()
