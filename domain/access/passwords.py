"""Passwords: Argon2id with the parameters that OWASP recommends, off the event loop."""

from __future__ import annotations

import asyncio
from functools import partial

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.kernel.errors import ErrorCode, ValidationFailed

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 128
"""Characters."""
CONCURRENT_HASHES = 2
"""Each needs 19 MiB and about 32 ms of a core, without the interpreter's lock."""


class Passwords:
    """Hashes and verifies passwords, at most ``CONCURRENT_HASHES`` at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._slots = asyncio.Semaphore(CONCURRENT_HASHES)
        self._absent = self._hasher.hash("the password of a user who does not exist")

    async def hash(self, password: str) -> str:
        """Hash a password that is to be set. Raises ValidationFailed (``password``): too short or too long."""
        if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
            message = f"The password must have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters."
            code = ErrorCode.TOO_SHORT if len(password) < MIN_PASSWORD_LENGTH else ErrorCode.TOO_LONG
            raise ValidationFailed.of(("password",), code, message)
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one of a stored hash. Without one (no such user, or not yet invited in), it takes
        as long and is false, so that the time tells nobody which addresses have users.
        """
        if len(password) > MAX_PASSWORD_LENGTH:
            return False
        async with self._slots:
            return await asyncio.to_thread(partial(self._matches, stored, password))

    def _matches(self, stored: str | None, password: str) -> bool:
        try:
            self._hasher.verify(stored or self._absent, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None
