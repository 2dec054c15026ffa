"""Requests repeated under one idempotency key change things once.

The order matters (architecture, "Idempotency"): inside the transaction, acquire the advisory lock without waiting (if
another transaction holds it, the request is in flight) and read the record, make the change, render the response,
insert the record. The record commits with the change. Lock and record are one statement, whose snapshot is from before
the lock: a record that was committed in between is not seen. Its key then refuses the insert, and the change is rolled
back: the request was in flight when it came.

The record of a use case that calls out commits with the first half, without a response but with the id of its attempt:
it is in flight. The second transaction sets the response and clears the attempt's id. If the process dies in between, a
repeat finds the attempt settled by the reconciler, and completes the record itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import orjson
from sqlalchemy import (
    Index,
    LargeBinary,
    Text,
    and_,
    bindparam,
    delete,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.crypto import Keyring
from domain.kernel.errors import Conflict, ErrorCode, MalformedRequest
from domain.kernel.sql.statements import STORE, TRY_NAMED_LOCK, RowStatement, Statement
from domain.kernel.sql.tables import KEY_TEXT, Base, Instant, StoreKey, Texts
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import InvalidValueError, clean_text

RECORD_LIFETIME = timedelta(hours=24)
MAX_IDEMPOTENCY_KEY_LENGTH = 255
KEY_PATH = ("idempotency_key",)
MAX_INTEGER_DIGITS = 100
"""Digits of an integer that is written without an exponent: ``1e5`` is ``100000``."""
ERASED_RESPONSE = b""
"""Replaces a response about an erased customer. The key still prevents a second execution."""


class IdempotencyRecord(Base):
    """The stored response of an idempotency key, for 24 hours; fingerprint keyed, response encrypted."""

    __tablename__ = "idempotency_record"
    __table_args__ = (Index("idempotency_record_created_idx", "created_at"),)

    store_id: Mapped[StoreKey]
    credential: Mapped[str] = mapped_column(KEY_TEXT, primary_key=True)
    key: Mapped[str] = mapped_column(KEY_TEXT, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    people: Mapped[Texts]
    """The ids of the customers that the response may show."""
    created_at: Mapped[Instant]
    attempt_id: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The outbound attempt that the answer waits for; null once there is an answer."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response of a surface: status, its own headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class PendingResponse:
    """In place of an answer: the request has called out, and nobody has answered it yet."""

    attempt_id: str


_record = IdempotencyRecord.__table__.c
_THIS = (
    _record.store_id == STORE,
    _record.credential == bindparam("credential", type_=KEY_TEXT),
    _record.key == bindparam("key", type_=KEY_TEXT),
)
_one = select(literal_column("1").label("one")).subquery("one")
_FIND = Statement(
    "find_idempotency_record",
    select(
        TRY_NAMED_LOCK.label("taken"),
        _record.fingerprint,
        _record.answer,
        _record.created_at,
        _record.attempt_id,
    ).select_from(_one.outerjoin(IdempotencyRecord.__table__, and_(*_THIS))),
)
_COMPLETE = Statement(
    "complete_idempotency_record",
    update(IdempotencyRecord)
    .where(*_THIS, _record.attempt_id == bindparam("attempt", type_=KEY_TEXT))
    .values(
        {
            _record.answer: bindparam("rendered", type_=LargeBinary()),
            _record.people: bindparam("shown", type_=ARRAY(Text())),
            _record.attempt_id: null(),
        }
    ),
)
_FORGET = Statement("forget_idempotency_record", delete(IdempotencyRecord).where(*_THIS))
_KEEP = RowStatement.insert_into(IdempotencyRecord, lambda made: made.on_conflict_do_nothing(), returning=("key",))


def request_bytes(*parts: object) -> bytes:
    """The canonical form of a request: independent of member order, blanks and escapes, with numbers by value (``1.0``
    is ``1``). Two requests are the same if this is. Raises MalformedRequest if it is nested too deeply to be written.
    """
    try:
        return json.dumps(parts, sort_keys=True, separators=(",", ":"), default=_by_value).encode()
    except RecursionError:  # what could just be read needs more of the stack to be written
        raise MalformedRequest("The request is nested too deeply.") from None


def _by_value(value: object) -> object:
    """A Decimal as an integer if it is one; otherwise as its digits, in a form that no JSON text can have."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return {"\x00": str(value)}
    sign, digits, exponent = value.as_tuple()
    bare = "".join(map(str, digits)).rstrip("0")
    power = int(exponent) + len(digits) - len(bare)
    if not bare:
        return 0
    if 0 <= power <= MAX_INTEGER_DIGITS:
        return int(bare + "0" * power) * (-1 if sign else 1)
    return {"\x00": f"{'-' if sign else ''}{bare}e{power}"}


class IdempotentRequest:
    """The idempotency of one request. Call ``stored_response`` before the change and ``store`` after rendering."""

    def __init__(self, work: UnitOfWork, keyring: Keyring, key: str, request: bytes) -> None:
        """``request``: see ``request_bytes``. Raises MalformedRequest for an unusable key."""
        try:
            self._key = clean_text(
                key, 1, MAX_IDEMPOTENCY_KEY_LENGTH, r"[\x21-\x7e]+", form="visible ASCII characters without blanks"
            )
        except InvalidValueError as refused:
            raise MalformedRequest.of("Idempotency-Key", refused.message, refused.code) from None
        self._work = work
        self._keyring = keyring
        self._credential = work.origin.actor
        self._fingerprints = keyring.fingerprints(request)
        self._request = request
        self._context = f"idempotency/{work.store.number}/{self._credential}/{self._key}"

    async def stored_response(self) -> StoredResponse | None:
        """The stored response, or None for a new key.

        Raises Conflict if the key is in flight, was used for another request, or its response was erased.
        """
        found = await self.find()
        if isinstance(found, PendingResponse):
            raise in_flight()
        return found

    async def find(self) -> StoredResponse | PendingResponse | None:
        """As ``stored_response``, for a request that calls out: it may find that the answer waits for an attempt."""
        values = {"credential": self._credential, "key": self._key, "lock_name": self._context}
        (record,) = await _FIND.rows(self._work.reader, **values)
        if not record.taken:
            raise in_flight()
        if record.fingerprint is None:
            return None
        if record.created_at <= self._work.now - RECORD_LIFETIME:
            await _FORGET.rows(self._work.reader, credential=self._credential, key=self._key)
            return None
        if record.fingerprint not in (*self._fingerprints, *self._keyring.former_fingerprints(self._request)):
            message = "The idempotency key was already used for a different request. Use a new key."
            raise Conflict(message, ErrorCode.IDEMPOTENCY_MISMATCH, KEY_PATH)
        if record.attempt_id is not None:
            return PendingResponse(record.attempt_id)
        if record.answer == ERASED_RESPONSE:
            message = "The stored response for this idempotency key was erased with the customer's data. Use a new key."
            raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, KEY_PATH)
        status, headers, body = orjson.loads(self._keyring.decrypt(record.answer, self._context))
        return StoredResponse(status, headers, body.encode())

    async def store(self, answer: StoredResponse) -> None:
        """Store the answer, to commit with the change."""
        await self._insert(self._encrypted(answer), None)

    async def reserve(self, attempt_id: str) -> None:
        """Store that the request is in flight until its attempt is settled, to commit with the first half."""
        await self._insert(ERASED_RESPONSE, attempt_id)

    def resume(self, work: UnitOfWork) -> str:
        """Go on in another transaction. Returns the name of the lock that it takes first, so that it waits for a repeat
        that is looking at the record.
        """
        self._work = work
        return self._context

    async def complete(self, attempt_id: str, answer: StoredResponse) -> None:
        """Store the answer to a request that was in flight. One that is answered already keeps its answer."""
        await self._work.flush()
        await _COMPLETE.rows(
            self._work.reader,
            credential=self._credential,
            key=self._key,
            attempt=attempt_id,
            rendered=self._encrypted(answer),
            shown=sorted(self._work.people),
        )

    async def _insert(self, answer: bytes, attempt_id: str | None) -> None:
        record = {
            "store_id": self._work.store.number,
            "credential": self._credential,
            "key": self._key,
            "fingerprint": self._fingerprints[0],
            "answer": answer,
            "people": sorted(self._work.people),
            "created_at": self._work.now,
            "attempt_id": attempt_id,
        }
        if not await self._work.flush_with(_KEEP, record):
            raise in_flight()  # another one has committed since this one looked, and before it took the lock

    def _encrypted(self, answer: StoredResponse) -> bytes:
        plain = orjson.dumps([answer.status, answer.headers, answer.body.decode()])
        return self._keyring.encrypt(plain, self._context)


def in_flight() -> Conflict:
    """The refusal of a repeat while the first request has no response yet."""
    message = "A request with this idempotency key is in progress. Try again in a second."
    return Conflict(message, ErrorCode.IN_FLIGHT, KEY_PATH, retry_after=1)
