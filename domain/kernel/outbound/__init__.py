"""Running use cases that call out: the two transactions of a request, and the reconciler of what was left in flight.

- ``execution.py``   one request: first transaction, call, second transaction
- ``reconciler.py``  attempts without an outcome: ask the outside, then settle
"""

from domain.kernel.outbound.execution import OutboundExecution
from domain.kernel.outbound.reconciler import RECONCILE_INTERVAL, OutboundReconciler, delete_settled

__all__ = ["RECONCILE_INTERVAL", "OutboundExecution", "OutboundReconciler", "delete_settled"]
