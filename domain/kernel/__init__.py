"""Modules that all areas share. The kernel knows no area; its modules are imported one by one.

- ``fields``: rules of inputs
- ``sql``: statements, their executor, tables
- ``reads``: declared reads, and rows as JSON
- ``listing``: lists
- ``documents``: what REST and webhooks write of an object
- ``use_cases``: unit of work, records, idempotency, personal data
- ``database``: pools, roles, transactions
- ``event_log``: sequencer, reader, retention
- ``outbound``: calls to the outside
"""
