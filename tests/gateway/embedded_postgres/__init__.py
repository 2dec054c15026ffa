"""The gateway's own PostgreSQL: real servers, each in a directory of its own."""
