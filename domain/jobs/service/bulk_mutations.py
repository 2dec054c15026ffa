"""Start bulk mutations."""

from __future__ import annotations

from domain.jobs.commands import StartBulkMutation
from domain.jobs.imports.files import ImportFiles
from domain.jobs.kinds import held_scopes
from domain.jobs.model import Job, JobKind
from domain.jobs.operations import BulkOperations
from domain.jobs.service.jobs import JobRequest, queue_job
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@use_case(None)
async def start_bulk_mutation(work: UnitOfWork, principal: Principal, command: StartBulkMutation) -> Job:
    """Queue a job that executes a mutation for each line of an uploaded file.

    Raises Forbidden (a scope of the mutation), ValidationFailed (the mutation; no such file), Unavailable.
    """
    needed = work.dependency(BulkOperations).mutations.check(command.mutation, principal)
    if not await work.dependency(ImportFiles).exists(work.store.number, command.file_id):
        message = "The store has no uploaded file with this id. Files are removed after 7 days."
        raise ValidationFailed.of(("file_id",), ErrorCode.NOT_FOUND, message)
    parameters = {"mutation": command.mutation, "file_id": command.file_id, "scopes": held_scopes(principal)}
    return await queue_job(work, principal, JobRequest(JobKind.BULK_MUTATION, parameters, "lines", scopes=needed))
