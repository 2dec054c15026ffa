"""The event log's routes, and those of webhooks.

- ``events.py``     the log: lists and the live stream
- ``endpoints.py``  endpoints and their deliveries
- ``documents.py``  how those are found and written
"""

from rest_compat import events
from rest_compat.webhooks import endpoints

ENDPOINTS = (*events.ENDPOINTS, *endpoints.ENDPOINTS)
