"""Running jobs: leases, the runner of a process, and what a job may do while it runs."""

from domain.jobs.execution.run import JobBatch, JobFailedError, JobLostError, JobRun
from domain.jobs.execution.runner import JobFunction, JobRunner

__all__ = ["JobBatch", "JobFailedError", "JobFunction", "JobLostError", "JobRun", "JobRunner"]
