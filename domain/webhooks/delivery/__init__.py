"""Sending deliveries: lease them, send them, save the outcomes.

- ``dispatcher.py``       the dispatcher of one process
- ``leases.py``           leases of deliveries, and the backlog
- ``concurrency.py``      how many deliveries a worker may have in flight, in total and per endpoint
- ``requests.py``         what is sent: body, headers, signatures
- ``payloads.py``         the cache of payloads that are being built or sent
- ``fair_turns.py``       the order in which stores build payloads
- ``outcomes.py``         what an attempt means for its delivery
- ``endpoint_health.py``  what it means for its endpoint
"""

from domain.webhooks.delivery.dispatcher import DISPATCH_POLL_INTERVAL, DeliveryDispatcher
from domain.webhooks.delivery.leases import MAX_BACKLOG_COUNT, Backlog, backlog

__all__ = ["DISPATCH_POLL_INTERVAL", "MAX_BACKLOG_COUNT", "Backlog", "DeliveryDispatcher", "backlog"]
