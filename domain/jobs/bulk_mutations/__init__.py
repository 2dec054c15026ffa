"""Bulk mutations: a mutation that is executed once for each line of variables of a file.

- ``commands.py``   what is to be executed
- ``lines.py``      the lines that were executed, committed with what they have changed
- ``execution.py``  how the job is run
"""

from domain.jobs.bulk_mutations.commands import MUTATION_MEDIA_TYPES, StartBulkMutation
from domain.jobs.bulk_mutations.execution import run_bulk_mutation

__all__ = ["MUTATION_MEDIA_TYPES", "StartBulkMutation", "run_bulk_mutation"]
