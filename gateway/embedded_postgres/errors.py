"""What can go wrong with the gateway's own PostgreSQL."""


class EmbeddedPostgresError(Exception):
    """The embedded server can't be used; the message is written for the person at the terminal."""
