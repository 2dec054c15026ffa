"""Deliveries on their way: claimed, sent, and what came of it written down.

- ``leases.py``    who has which in their hands, and until when
- ``parcels.py``   what is sent: body, headers, signatures
- ``outcomes.py``  what an attempt means for its delivery and its endpoint
- ``courier.py``   one process's part in it
"""

from domain.webhooks.delivering.courier import Courier

__all__ = ["Courier"]
