"""The evidence of disputes, encrypted at rest (AES-256-GCM)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import orjson
from sqlalchemy import bindparam, select

from domain.kernel.crypto import Keyring
from domain.kernel.errors import NotFound
from domain.kernel.principal import Store
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.model.dispute import Dispute, DisputeFile
from domain.payments.ports import EvidenceBundle, EvidenceFile
from domain.payments.states import EvidenceType

P = ParamSpec("P")
R = TypeVar("R")
EVIDENCE_PARTS = tuple(each.value for each in EvidenceType)
DISPUTES = Records(Dispute)
MAX_LOOP_BYTES = 1_048_576
"""Bytes that are checked, encrypted and decrypted in the event loop, in a millisecond; more of them in a thread."""
_file = DisputeFile.__table__.c
_FILES = Statement(
    "files_of_evidence",
    select(_file.id, _file.evidence_type, _file.name, _file.media_type)
    .where(_file.store_id == STORE, _file.dispute_id == bindparam("dispute", type_=KEY_TEXT))
    .order_by(_file.created_at, _file.id),
)
_CONTENT = Statement(
    "content_of_evidence",
    select(_file.content).where(_file.store_id == STORE, _file.id == bindparam("id", type_=KEY_TEXT)),
)


async def evidence_of(work: UnitOfWork, dispute_id: str) -> EvidenceBundle:
    """All evidence of a dispute, decrypted: for the processor. Raises NotFound, DecryptionError."""
    found = await DISPUTES.by_column(work, "id", dispute_id, "id")
    if not found:
        raise NotFound("dispute")
    keyring = work.dependency(Keyring)
    files = []
    for each in await _FILES.rows(work.reader, dispute=dispute_id):
        content = await read_file(keyring, work, each.id)  # one by one: of the encrypted ones, one is in memory
        files.append(EvidenceFile(each.evidence_type, each.name, each.media_type, content))
    return EvidenceBundle(read_evidence(keyring, work.store, found[0]), tuple(files))


def read_evidence(keyring: Keyring, store: Store, dispute: Dispute) -> dict[str, str]:
    """The texts of the evidence by part. Raises DecryptionError."""
    if dispute.evidence is None:
        return {}
    found: dict[str, str] = orjson.loads(keyring.decrypt(dispute.evidence, _context(store, dispute.id)))
    return found


def write_evidence(keyring: Keyring, store: Store, dispute: Dispute, texts: dict[str, str]) -> bytes | None:
    """The texts, encrypted; None for none."""
    return keyring.encrypt(orjson.dumps(texts), _context(store, dispute.id)) if texts else None


async def read_file(keyring: Keyring, work: UnitOfWork, file_id: str) -> bytes:
    """The content of a file. Raises NotFound, DecryptionError."""
    rows = await _CONTENT.rows(work.reader, id=file_id)
    if not rows:
        raise NotFound("file")
    return await run_beside_loop(keyring.decrypt, rows.pop().content, _context(work.store, file_id))


async def write_file(keyring: Keyring, store: Store, file_id: str, content: bytes) -> bytes:
    """The content of a file, encrypted."""
    return await run_beside_loop(keyring.encrypt, content, _context(store, file_id))


async def run_beside_loop(
    function: Callable[Concatenate[bytes, P], R], content: bytes, *args: P.args, **kwargs: P.kwargs
) -> R:
    """The result of a function of the content of a file, run in a thread where it takes long."""
    if len(content) <= MAX_LOOP_BYTES:
        return function(content, *args, **kwargs)
    return await asyncio.to_thread(function, content, *args, **kwargs)


def _context(store: Store, owner: str) -> str:
    return f"evidence/{store.number}/{owner}"
