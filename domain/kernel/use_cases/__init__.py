"""Use cases: the registry, the unit of work, idempotency, the audit log, derived rows, personal data."""
