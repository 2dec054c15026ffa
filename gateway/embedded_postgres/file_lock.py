"""`flock` on a file. The kernel drops a lock with the last process that has it open, however that process died."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

POLL_SECONDS = 0.02


class FileLock:
    """One open lock file. Python opens it close-on-exec, so no child holds the lock unless `fd` is passed to it."""

    def __init__(self, path: Path) -> None:
        # No symbolic link is followed: root may be opening a path that another user could write.
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self._path = path

    def try_shared(self) -> bool:
        """Take the lock beside other sharers, at once or not at all."""
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Acquire the lock exclusively, without waiting. If it is refused, a shared lock of this process is lost."""
        return self._try(fcntl.LOCK_EX)

    def wait_exclusive(self, seconds: float) -> None:
        """Take the lock alone, blocking up to `seconds`. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not self.try_exclusive():
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process has held {self._path} for {seconds:.0f} seconds")
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Release. Processes with a copy of `fd` still hold the lock: it is never unlocked, only closed."""
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
