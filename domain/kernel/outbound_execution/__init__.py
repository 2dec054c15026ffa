"""Running use cases that call out: the two transactions of a request, and the reconciler of what was left in flight.

Areas declare them by ``use_cases/outbound``, which is below the database; what is here opens transactions.

- ``request.py``     one request: first transaction, call, second transaction
- ``reconciler.py``  attempts without an outcome: ask the outside, then settle
"""

from domain.kernel.outbound_execution.reconciler import RECONCILE_INTERVAL, OutboundReconciler, delete_settled
from domain.kernel.outbound_execution.request import OutboundExecution

__all__ = ["RECONCILE_INTERVAL", "OutboundExecution", "OutboundReconciler", "delete_settled"]
