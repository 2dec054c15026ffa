"""Signals of jobs."""

from __future__ import annotations

from domain.kernel.use_cases.unit_of_work import Signal


class JobQueued(Signal):
    """A job can be run once the transaction is committed."""
