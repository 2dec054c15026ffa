"""Modules that all areas share. The kernel knows no area; its modules are imported one by one.

- ``fields``: rules of inputs
- ``sql``: statements, their executor, tables
- ``reads``: declared reads, and rows as JSON
- ``listing``: lists
- ``documents``: what REST and webhooks write of an object
- ``use_cases``: unit of work, records, idempotency, personal data; ``outbound``: use cases that call the outside
- ``database``: pools, roles, transactions
- ``event_log``: sequencer, reader, retention
- ``outbound_execution``: runs those that call the outside, and reconciles what was left in flight

Beside the packages:

- ``errors``, ``validation``, ``money``, ``clock``, ``ids``, ``serialization``: values, their checks and their forms
- ``principal``, ``rate_limits``: the caller, and how many requests it may make
- ``crypto``, ``reencryption``, ``card_numbers``: encryption at rest, rotation of its keys, what is never stored
- ``address``: postal addresses, as input, value and document
- ``events``: what an event is
- ``area``, ``kernel_area``: what an area announces of itself; what the kernel does
- ``maintenance``: what is removed in time
- ``budget``, ``memory_release``, ``request_slot``, ``poll_loop``: bytes of an operation, memory given back to the
  system, the slot of a request, loops that are woken
"""
