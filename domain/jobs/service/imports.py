"""Start imports."""

from __future__ import annotations

from domain.jobs.commands import IMPORT_FORMATS, IMPORT_KINDS, StartImport
from domain.jobs.imports.files import ImportFiles
from domain.jobs.kinds import require_start
from domain.jobs.model import Job
from domain.jobs.service.jobs import JobRequest, queue_job
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@use_case(None)
async def start_import(work: UnitOfWork, principal: Principal, command: StartImport) -> Job:
    """Queue a job that imports an uploaded file.

    Raises Forbidden (the scopes of its kind), ValidationFailed (no such file), Unavailable.
    """
    kind = IMPORT_KINDS[command.kind]
    require_start(principal, kind)
    files = work.dependency(ImportFiles)
    if not await files.exists(work.store.number, command.file_id):
        message = "The store has no uploaded file with this id. Files are removed after 7 days."
        raise ValidationFailed.of(("file_id",), ErrorCode.NOT_FOUND, message)
    parameters = {
        "file_id": command.file_id,
        "format": str(IMPORT_FORMATS[command.media_type]),
        "dry_run": command.dry_run,
    }
    return await queue_job(work, principal, JobRequest(kind, parameters, "rows"))
