"""HTTP plumbing that both surfaces share and that knows no commerce: bodies, negotiation, errors, event streams."""
