"""The files of evidence for disputes: checked, encrypted, and stored as they are, apart from the rows in JSON."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping

from sqlalchemy import LargeBinary, bindparam, func, insert, select, update

from domain.kernel.crypto import Keyring
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.commands import MAX_FILES, MAX_FILES_BYTES, AddDisputeFile, RemoveDisputeFile
from domain.payments.model.dispute import Dispute, DisputeFile
from domain.payments.service.disputes import DISPUTES, count_change_of, require_open
from domain.payments.service.evidence import run_beside_loop, write_file

FILES = Records(DisputeFile)
_DISPUTE_PATH = ("dispute_id",)
_SLICE_BYTES = 65_536
MESSAGE_BYTES = 6 * 1_048_576
"""Bytes of content in one message to the database: driver and socket have three copies of it while it is sent."""

_table = DisputeFile.__table__
_of_dispute = (_table.c.store_id == STORE, _table.c.dispute_id == bindparam("dispute", type_=KEY_TEXT))
_COUNT = Statement(
    "count_dispute_files",
    select(func.count().label("files"), func.coalesce(func.sum(_table.c.size), 0).label("bytes")).where(*_of_dispute),
)
_FIND = Statement(
    "dispute_file", select(_table.c.id).where(*_of_dispute, _table.c.id == bindparam("id", type_=KEY_TEXT))
)
_INSERT = Statement("insert_dispute_file", insert(DisputeFile), [each.name for each in _table.c])
"""With the content as a parameter of its own: rows in JSON have two digits for each byte."""
_APPEND = Statement(
    "append_to_dispute_file",
    update(DisputeFile)
    .where(_table.c.store_id == STORE, _table.c.id == bindparam("id", type_=KEY_TEXT))
    .values(content=_table.c.content.op("||")(bindparam("more", type_=LargeBinary()))),
)


@use_case("payments:write")
async def add_dispute_file(work: UnitOfWork, principal: Principal, command: AddDisputeFile) -> DisputeFile:
    """Add a file of evidence. The record that is returned has no content.

    Raises NotFound, Conflict (stale version, submitted or decided already, too late, too many files), ValidationFailed
    (the content is not of the media type).
    """
    dispute = await DISPUTES.lock(work, command.dispute_id, noun="dispute", version=command.expected_version)
    require_open(work, dispute, _DISPUTE_PATH)
    await _require_content_of(command.media_type, command.content)
    await _require_room(work, dispute, len(command.content))
    file = FILES.new(
        store_id=work.store.number,
        id=new_id("file"),
        dispute_id=dispute.id,
        evidence_type=command.evidence_type,
        name=command.name,
        media_type=command.media_type,
        size=len(command.content),
        created_at=work.now,
    )
    content = await write_file(work.dependency(Keyring), work.store, file.id, command.content)
    await _insert(work, file, content)
    count_change_of(work, dispute)
    await DISPUTES.update(work, dispute)
    return file


@use_case("payments:write")
async def remove_dispute_file(work: UnitOfWork, principal: Principal, command: RemoveDisputeFile) -> Dispute:
    """Remove a file of evidence.

    Raises NotFound, Conflict (stale version, submitted or decided already, too late).
    """
    dispute = await DISPUTES.lock(work, command.dispute_id, noun="dispute", version=command.expected_version)
    if not await _FIND.rows(work.reader, dispute=dispute.id, id=command.id):
        raise NotFound("file")
    require_open(work, dispute, _DISPUTE_PATH)
    await FILES.delete(work, [FILES.new(id=command.id)])
    count_change_of(work, dispute)
    await DISPUTES.update(work, dispute)
    return dispute


async def _insert(work: UnitOfWork, file: DisputeFile, content: bytes) -> None:
    values = {each.name: getattr(file, each.name) for each in _table.c}
    parts = memoryview(content)
    await work.write(_INSERT, [{**values, "content": parts[:MESSAGE_BYTES]}])
    for start in range(MESSAGE_BYTES, len(content), MESSAGE_BYTES):
        await work.write(_APPEND, [{"id": file.id, "more": parts[start : start + MESSAGE_BYTES]}])


async def _require_room(work: UnitOfWork, dispute: Dispute, size: int) -> None:
    """Raises Conflict for a file too many. The dispute is locked, so that none is added meanwhile."""
    (known,) = await _COUNT.rows(work.reader, dispute=dispute.id)
    if known.files >= MAX_FILES:
        message = f"The dispute has {MAX_FILES} files, the most that are possible. Remove one first."
        raise Conflict(message, ErrorCode.TOO_LONG, _DISPUTE_PATH)
    if known.bytes + size > MAX_FILES_BYTES:
        left = MAX_FILES_BYTES - known.bytes
        message = f"The files of a dispute have at most {MAX_FILES_BYTES:,} bytes together: {left:,} are left."
        raise Conflict(message, ErrorCode.TOO_LARGE, _DISPUTE_PATH)


async def _require_content_of(media_type: str, content: bytes) -> None:
    if not await run_beside_loop(_CHECKS[media_type], content):
        message = f"The content is not {_NAMES[media_type]}. Send the media type that it has."
        raise ValidationFailed.of(("content",), ErrorCode.INVALID, message)


def _is_utf8(content: bytes) -> bool:
    """Whether it is UTF-8; in slices, since the text of all of it may use four times the memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for start in range(0, len(content), _SLICE_BYTES):
            decoder.decode(view[start : start + _SLICE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_CHECKS: Mapping[str, Callable[[bytes], bool]] = {
    "application/pdf": lambda content: content.startswith(b"%PDF-"),
    "image/jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    "image/png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    "text/plain": _is_utf8,
}
"""By media type: the signature with which its files begin; text has none."""
_NAMES: Mapping[str, str] = {
    "application/pdf": "a PDF file",
    "image/jpeg": "a JPEG image",
    "image/png": "a PNG image",
    "text/plain": "text in UTF-8",
}
