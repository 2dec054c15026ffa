"""Reads by key, for one key or many, and objects that the database writes as JSON."""
