"""What a caller can change: the registry, the unit of work, idempotency, the audit log, derived rows, personal data."""
