"""Object stores with the interface of S3, for uploaded files and results of jobs."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from domain.jobs import StoredObject
from domain.kernel.errors import Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

PART_BYTES = 8 * 1_048_576
"""Bytes of a part of an upload: 10,000 parts, the most that S3 takes, have 80 GB."""
MAX_CONCURRENT_PARTS = 2
LIST_PAGE_SIZE = 1_000
_CLIENT: ClientConfig = {"connect_timeout": "3s", "timeout": "60s", "allow_http": True}
"""The timeout is that of one part, not of a file."""
_RETRIES: RetryConfig = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}
_STATUS = re.compile(r"status code: ([0-9]{3})")
_REFUSED = (
    "it refuses the credentials (GATEWAY_OBJECT_STORE_ACCESS_KEY, GATEWAY_OBJECT_STORE_SECRET_KEY), or they may not do "
    "this"
)
_REASONS = {"401": _REFUSED, "403": _REFUSED, "404": "it has no such bucket (GATEWAY_OBJECT_STORE_URL)"}
_AWAY = "it cannot be reached, or has failed"
MAX_SHOWN = 300

log = logging.getLogger("gateway.object_store")


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket, and the part of it that is the gateway's."""

    bucket: str
    prefix: str
    """Begins all keys; may be empty."""
    endpoint: str | None
    """None: that of AWS."""
    region: str
    access_key: str | None
    """None: the role of the machine."""
    secret_key: str | None


class S3Objects:
    """The ObjectStore over S3. What fails is logged with its reason, without credentials; callers hear Unavailable."""

    def __init__(self, location: S3Location) -> None:
        """Nothing is opened until it is used."""
        self._location = location
        self._name = f"s3://{location.bucket}/{location.prefix}".rstrip("/")

    @cached_property
    def _store(self) -> S3Store:
        place = self._location
        config: S3Config = {"region": place.region}
        if place.endpoint is not None:
            config["endpoint"] = place.endpoint
        if place.access_key is not None and place.secret_key is not None:
            config["access_key_id"], config["secret_access_key"] = place.access_key, place.secret_key
        prefix = place.prefix or None
        return S3Store(place.bucket, prefix=prefix, config=config, client_options=_CLIENT, retry_config=_RETRIES)

    async def put(self, key: str, path: Path) -> None:
        """See the port. A large file is sent in parts, and is there once the last of them is."""
        with self._failures():
            await obstore.put_async(self._store, key, path, chunk_size=PART_BYTES, max_concurrency=MAX_CONCURRENT_PARTS)

    async def size(self, key: str) -> int | None:
        """See the port."""
        with self._failures():
            try:
                found = await obstore.head_async(self._store, key)
            except FileNotFoundError:
                return None
            return found["size"]

    async def read(self, key: str, begin: int, end: int) -> bytes | None:
        """See the port."""
        with self._failures():
            try:
                return bytes(await obstore.get_range_async(self._store, key, start=begin, end=end))
            except FileNotFoundError:
                return None

    async def remove(self, key: str) -> None:
        """See the port."""
        with self._failures():
            await obstore.delete_async(self._store, key)

    async def objects(self, prefix: str) -> AsyncGenerator[StoredObject]:
        """See the port."""
        with self._failures():
            async for page in obstore.list(self._store, prefix, chunk_size=LIST_PAGE_SIZE):
                for each in page:
                    yield StoredObject(each["path"], each["size"], each["last_modified"])

    async def check(self) -> None:
        """See the port."""
        with self._failures():
            await obstore.list_with_delimiter_async(self._store, "check")

    @contextmanager
    def _failures(self) -> Generator[None]:
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise self._unavailable(error) from None

    def _unavailable(self, error: Exception) -> Unavailable:
        """The refusal. Only the first line of the error is logged: what follows repeats the signed request."""
        text = str(error).partition("\n")[0]
        status = _STATUS.search(text)  # errors of lists have no class of their own
        reason = _AWAY if status is None else _REASONS.get(status[1], _AWAY)
        log.error("the object store %s: %s: %s", self._name, reason, text[:MAX_SHOWN])
        return Unavailable("The file storage is unavailable. Try again in a few seconds.")
