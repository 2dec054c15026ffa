"""HTTP for both surfaces, independent of commerce: bodies, negotiation, errors, event streams."""
