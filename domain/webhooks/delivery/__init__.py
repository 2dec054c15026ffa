"""Deliveries on their way: claimed, sent, and what came of it written down.

- ``leases.py``    who has which in their hands, and until when
- ``hands.py``     how many a worker may take, and of whom, so that nobody waits for somebody else's endpoint
- ``parcels.py``   what is sent: body, headers, signatures
- ``turns.py``     whose turn it is to have a payload made
- ``payloads.py``  payloads while they are made and sent
- ``outcomes.py``  what an attempt means for its delivery
- ``health.py``    what it means for its endpoint
- ``courier.py``   one process's part in it
- ``backlog.py``   what is due to all of them
"""

from domain.webhooks.delivery.dispatcher import DISPATCH_POLL_INTERVAL, DeliveryDispatcher
from domain.webhooks.delivery.leases import MAX_BACKLOG_COUNT, Backlog, backlog

__all__ = ["DISPATCH_POLL_INTERVAL", "MAX_BACKLOG_COUNT", "Backlog", "DeliveryDispatcher", "backlog"]
